package org.imbrex.host.format.npz;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.imbrex.host.format.Fact;
import org.imbrex.host.format.FileFormat;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.StoredArray;
import org.imbrex.host.format.StoredFile;
import org.imbrex.host.format.Variable;
import org.imbrex.host.format.file.Bytes;
import org.imbrex.host.format.file.Choice;
import org.imbrex.host.format.file.Elements;
import org.imbrex.host.format.file.FileBytes;
import org.imbrex.host.format.file.Sizes;
import org.imbrex.host.format.file.SliceBytes;
import org.imbrex.host.format.npy.NpyHeader;

/** An archive of arrays: stored members are mapped where they lie, deflated ones inflated when they are opened. */
public final class NpzFile implements StoredFile {
    /** More than any NPY header. */
    private static final int HEAD_BYTES = 12 + (64 << 10);

    /** Stored members up to here are checked against their checksum; larger ones would be read twice for it. */
    private static final long CHECKED_BYTES = 64 << 20;

    private final FileBytes file;
    private final long memoryBytes;
    private final List<Member> members;
    private final List<Variable> variables = new ArrayList<>();

    private NpzFile(FileBytes file, long memoryBytes, List<Member> members) {
        this.file = file;
        this.memoryBytes = memoryBytes;
        this.members = members;
    }

    public static NpzFile open(FileBytes file, long memoryBytes) throws IOException {
        NpzFile npz = new NpzFile(file, memoryBytes, Directory.read(file));
        for (Member member : npz.members) {
            npz.variables.add(npz.variable(member));
        }
        return npz;
    }

    private Variable variable(Member member) throws IOException {
        List<Fact> facts = new ArrayList<>();
        if (!member.array()) {
            facts.add(new Fact("not read", "the member is not an .npy file"));
            return Variable.unread(member.variable(), List.of(), facts);
        }
        try {
            NpyHeader header = header(member);
            header.requireSize(path(), member.name() + ": ", member.plainBytes());
            facts.addAll(header.facts());
            if (member.method() == Member.DEFLATED) {
                facts.add(
                        new Fact("compressed", Sizes.text(member.bytes()) + " of " + Sizes.text(member.plainBytes())));
            } else if (member.bytes() > CHECKED_BYTES) {
                facts.add(new Fact("checksum", "not checked: the member is mapped"));
            }
            return Variable.of(member.variable(), header.type(), List.of(), facts);
        } catch (FormatException e) {
            facts.add(new Fact("not read", e.getMessage()));
            return Variable.unread(member.variable(), List.of(), facts);
        }
    }

    private NpyHeader header(Member member) throws IOException {
        SliceBytes packed = packed(member);
        Bytes head = member.method() == Member.STORED ? packed : new Inflated(path(), packed, member).head(HEAD_BYTES);
        return NpyHeader.read(path(), member.name() + ": ", head);
    }

    private SliceBytes packed(Member member) throws IOException {
        if (member.encrypted()) {
            throw FormatException.of(path(), member.name() + ": found an encrypted member, expected a plain one");
        }
        if (member.method() != Member.STORED && member.method() != Member.DEFLATED) {
            throw FormatException.of(
                    path(),
                    member.name() + ": found compression method " + member.method()
                            + ", expected stored or deflated, as numpy.savez and numpy.savez_compressed write");
        }
        if (member.method() == Member.STORED && member.bytes() != member.plainBytes()) {
            throw FormatException.of(
                    path(),
                    member.name() + ": found " + member.bytes() + " stored bytes, expected " + member.plainBytes()
                            + "; the archive is damaged");
        }
        return new SliceBytes(file, Directory.dataOffset(file, member), member.bytes());
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public FileFormat format() {
        return FileFormat.NPZ;
    }

    @Override
    public List<Fact> facts() {
        return List.of(
                new Fact("format", "NPZ, " + members.size() + (members.size() == 1 ? " member" : " members")),
                new Fact("size", Sizes.text(file.size())));
    }

    @Override
    public List<Variable> variables() {
        return List.copyOf(variables);
    }

    @Override
    public StoredArray open(String name) throws IOException {
        int index = Choice.named(path(), variables, name);
        Member member = members.get(index);
        Variable variable = variables.get(index);
        if (variable.type().isEmpty()) {
            throw FormatException.of(path(), name + " cannot be read: " + reason(variable));
        }
        NpyHeader header = header(member);
        SliceBytes packed = packed(member);
        if (member.method() == Member.DEFLATED) {
            try (Bytes plain = new Inflated(path(), packed, member).all(memoryBytes)) {
                return Elements.open(
                        variable, header.strides(), plain, header.bytes(), header.stored(), header.order());
            }
        }
        if (member.bytes() <= CHECKED_BYTES) {
            try (Arena arena = Arena.ofConfined()) {
                Inflated.requireCrc(path(), member, packed.map(0, packed.size(), arena));
            }
        }
        return Elements.open(variable, header.strides(), packed, header.bytes(), header.stored(), header.order());
    }

    private static String reason(Variable variable) {
        Optional<Fact> last = variable.facts().reversed().stream().findFirst();
        return last.map(Fact::value).orElse("it is no array");
    }

    @Override
    public StoredArray open() throws IOException {
        return open(Choice.only(path(), variables));
    }

    @Override
    public void close() {
        file.close();
    }
}
