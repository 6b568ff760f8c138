package org.imbrex.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OldClassesTest {
    private static final MethodTypeDesc TWO_INTS =
            MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int);

    @TempDir
    private Path folder;

    /** {@code static int larger(int a, int b)}: a branch, so that newer formats need a stack map. */
    private static byte[] numbers(int version) {
        return ClassFile.of().build(ClassDesc.of("old.Numbers"), made -> made.withVersion(version, 0)
                .withFlags(ClassFile.ACC_PUBLIC)
                .withMethodBody("larger", TWO_INTS, ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC, code -> {
                    Label less = code.newLabel();
                    code.iload(0).iload(1).if_icmplt(less).iload(0).ireturn();
                    code.labelBinding(less).iload(1).ireturn();
                }));
    }

    private Path jar(String name, byte[] numbers) throws IOException {
        Path jar = folder.resolve(name);
        try (ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(jar))) {
            to.putNextEntry(new ZipEntry("old/notes.txt"));
            to.write("kept".getBytes(StandardCharsets.UTF_8));
            to.putNextEntry(new ZipEntry("old/Numbers.class"));
            to.write(numbers);
        }
        return jar;
    }

    private static byte[] entry(Path jar, String name) throws IOException {
        try (ZipFile from = new ZipFile(jar.toFile())) {
            return from.getInputStream(from.getEntry(name)).readAllBytes();
        }
    }

    @Test
    void oldClassesGetANewFormatAndDoTheSame() throws Exception {
        Path jar = jar("old.jar", numbers(ClassFile.JAVA_5_VERSION));
        OldClasses.main(new String[] {folder.toString()});
        assertThat(ClassFile.of().parse(entry(jar, "old/Numbers.class")).majorVersion())
                .isEqualTo(ClassFile.JAVA_8_VERSION);
        assertThat(entry(jar, "old/notes.txt")).asString(StandardCharsets.UTF_8).isEqualTo("kept");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
            var larger = loader.loadClass("old.Numbers").getMethod("larger", int.class, int.class);
            assertThat(larger.invoke(null, 3, 5)).isEqualTo(5);
            assertThat(larger.invoke(null, 5, 3)).isEqualTo(5);
        }
        assertThat(Files.list(folder)).containsExactly(jar);
    }

    @Test
    void jarsOfNewerClassesAreLeftAsTheyAre() throws Exception {
        Path jar = jar("new.jar", numbers(ClassFile.JAVA_8_VERSION));
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
        OldClasses.main(new String[] {folder.toString()});
        assertThat(Files.getLastModifiedTime(jar)).isEqualTo(FileTime.fromMillis(0));
    }
}
