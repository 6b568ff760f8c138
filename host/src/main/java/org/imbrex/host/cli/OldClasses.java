package org.imbrex.host.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * What the launcher runs once after a build, before it records the AOT cache: gives classes of libraries that were
 * compiled for Java 5 a format with stack maps. The cache takes no older ones, and loading picocli's 172 classes from
 * its jar is a quarter of a second in every start. Its argument is the folder of jars.
 */
public final class OldClasses {
    private static final int OLDEST_ARCHIVED = ClassFile.JAVA_6_VERSION;
    private static final ClassFileVersion WITH_STACK_MAPS = ClassFileVersion.of(ClassFile.JAVA_8_VERSION, 0);

    private OldClasses() {}

    public static void main(String[] args) throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(args[0]), "*.jar")) {
            for (Path jar : jars) {
                if (hasOld(jar)) {
                    Path next = jar.resolveSibling(jar.getFileName() + ".next");
                    renew(jar, next);
                    Files.move(next, jar, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static boolean hasOld(Path jar) throws IOException {
        try (ZipFile from = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(from.entries())) {
                if (entry.getName().endsWith(".class") && isOld(bytes(from, entry))) {
                    return true;
                }
            }
            return false;
        }
    }

    private static void renew(Path jar, Path next) throws IOException {
        try (ZipFile from = new ZipFile(jar.toFile());
                ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(next))) {
            ClassFile files = ClassFile.of(
                    StackMapsOption.GENERATE_STACK_MAPS, ClassHierarchyResolverOption.of(hierarchy(from)));
            for (ZipEntry entry : Collections.list(from.entries())) {
                byte[] bytes = bytes(from, entry);
                to.putNextEntry(new ZipEntry(entry.getName()));
                to.write(entry.getName().endsWith(".class") && isOld(bytes) ? renewed(files, bytes) : bytes);
                to.closeEntry();
            }
        }
    }

    private static byte[] renewed(ClassFile files, byte[] bytes) {
        ClassTransform version = (to, element) ->
                to.with(element instanceof ClassFileVersion ? WITH_STACK_MAPS : element);
        return files.transformClass(
                files.parse(bytes),
                ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL).andThen(version));
    }

    /** Stack maps need to know which classes extend which; the jar's own are read from it. */
    private static ClassHierarchyResolver hierarchy(ZipFile jar) {
        return ClassHierarchyResolver.ofResourceParsing((ClassDesc name) -> {
                    String descriptor = name.descriptorString();
                    ZipEntry entry = jar.getEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
                    try {
                        return entry == null ? null : new ByteArrayInputStream(bytes(jar, entry));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .orElse(ClassHierarchyResolver.defaultResolver());
    }

    private static byte[] bytes(ZipFile jar, ZipEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    private static boolean isOld(byte[] classFile) {
        int major = (classFile[6] & 0xff) << 8 | classFile[7] & 0xff;
        return major < OLDEST_ARCHIVED;
    }
}
