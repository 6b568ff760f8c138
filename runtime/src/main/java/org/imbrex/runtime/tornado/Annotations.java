package org.imbrex.runtime.tornado;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;

/**
 * What tells TornadoVM of the {@code @Parallel} annotations of a method. Its own reads the method's class file as a
 * resource of the system's class loader, where a class that was made at run time has none; for Imbrex's kernels, which
 * have no such annotation, this one in its place says so, and leaves all others to it.
 */
final class Annotations {
    private static final String PROPERTY = "tornado.load.annotation.implementation";
    private static final String PACKAGE = "uk.ac.manchester.tornado.runtime";
    private static final String NAME = "ImbrexAnnotations";
    private static final ClassDesc OWN = ClassDesc.of(PACKAGE, NAME);
    private static final ClassDesc PROVIDER = ClassDesc.of(PACKAGE, "ASMClassVisitorProvider");
    private static final ClassDesc ANNOTATION = ClassDesc.of(PACKAGE + ".common", "ParallelAnnotationProvider");
    private static final ClassDesc METHOD = ClassDesc.of("jdk.vm.ci.meta.ResolvedJavaMethod");
    private static final ClassDesc JAVA_TYPE = ClassDesc.of("jdk.vm.ci.meta.ResolvedJavaType");
    private static final ClassDesc CONSTRUCTOR = ClassDesc.of("java.lang.reflect.Constructor");
    private static final String KERNELS = "Lorg/imbrex/tornado/Kernel";

    private Annotations() {}

    /** To be called before TornadoVM compiles its first kernel. */
    static void install() throws ReflectiveOperationException {
        String before = System.getProperty(PROPERTY);
        String own = PACKAGE + "." + NAME;
        if (own.equals(before)) {
            return;
        }
        Class<?> provider = Class.forName(PACKAGE + ".ASMClassVisitorProvider", true, ClassLoader.getSystemClassLoader());
        Annotations.class.getModule().addReads(provider.getModule());
        MethodHandles.privateLookupIn(provider, MethodHandles.lookup()).defineClass(bytes(before));
        System.setProperty(PROPERTY, own);
    }

    private static byte[] bytes(String other) {
        MethodTypeDesc type = MethodTypeDesc.of(ANNOTATION.arrayType(), METHOD);
        return ClassFile.of().build(OWN, made -> made.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL)
                .withInterfaceSymbols(PROVIDER)
                .withField("other", PROVIDER, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL)
                .withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, ClassFile.ACC_PUBLIC, code -> code.aload(0)
                        .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                        .aload(0)
                        .loadConstant(other)
                        .invokestatic(CD_Class, "forName", MethodTypeDesc.of(CD_Class, CD_String))
                        .iconst_0()
                        .anewarray(CD_Class)
                        .invokevirtual(CD_Class, "getConstructor", MethodTypeDesc.of(CONSTRUCTOR, CD_Class.arrayType()))
                        .iconst_0()
                        .anewarray(CD_Object)
                        .invokevirtual(CONSTRUCTOR, "newInstance", MethodTypeDesc.of(CD_Object, CD_Object.arrayType()))
                        .checkcast(PROVIDER)
                        .putfield(OWN, "other", PROVIDER)
                        .return_())
                .withMethodBody("getParallelAnnotations", type, ClassFile.ACC_PUBLIC, code -> code.aload(1)
                        .invokeinterface(METHOD, "getDeclaringClass", MethodTypeDesc.of(JAVA_TYPE))
                        .invokeinterface(JAVA_TYPE, "getName", MethodTypeDesc.of(CD_String))
                        .loadConstant(KERNELS)
                        .invokevirtual(
                                CD_String,
                                "startsWith",
                                MethodTypeDesc.of(ConstantDescs.CD_boolean, CD_String))
                        .ifThen(none -> none.iconst_0().anewarray(ANNOTATION).areturn())
                        .aload(0)
                        .getfield(OWN, "other", PROVIDER)
                        .aload(1)
                        .invokeinterface(PROVIDER, "getParallelAnnotations", type)
                        .areturn()));
    }
}
