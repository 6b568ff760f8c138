package org.imbrex.host;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Data flow one way: host → runtime → kernels, and each room keeps to what it knows. */
class HouseTest {
    private static JavaClasses house;

    @BeforeAll
    static void read() {
        house = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.imbrex");
    }

    @Test
    void kernelsDependOnNothingButTheJdk() {
        classes()
                .that()
                .resideInAPackage("org.imbrex.kernels..")
                .should()
                .onlyDependOnClassesThat()
                // the last one is of the module jdk.management
                .resideInAnyPackage("org.imbrex.kernels..", "java..", "jdk..", "com.sun.management..")
                .check(house);
    }

    @Test
    void kernelsAndTheRuntimeKnowNoSocket() {
        noClasses()
                .that()
                .resideInAnyPackage("org.imbrex.kernels..", "org.imbrex.runtime..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "javax.net..")
                .check(house);
    }

    @Test
    void kernelsKnowNoFile() {
        noClasses()
                .that()
                .resideInAPackage("org.imbrex.kernels..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.nio.channels..")
                .check(house);
    }

    @Test
    void theRuntimeKnowsNoHost() {
        noClasses()
                .that()
                .resideInAPackage("org.imbrex.runtime..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.imbrex.host..")
                .check(house);
    }

    @Test
    void onlyItsBackendKnowsOpenCl() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.imbrex.runtime.opencl..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.jocl..")
                .check(house);
    }

    @Test
    void theCommandLineIsNobodysBase() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.imbrex.host.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.imbrex.host.cli..", "picocli..")
                .check(house);
    }

    /** So a clock that jumps moves no timeout, lease or heartbeat: what reads it are certificates, when they are made. */
    @Test
    void nodesAndSchedulersDoNotReadTheClockOnTheWall() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.imbrex.host.node..", "org.imbrex.host.coordinator..", "org.imbrex.runtime.schedule..")
                .and()
                .doNotHaveFullyQualifiedName("org.imbrex.host.node.trust.Identity")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethodWhere(HouseTest.onTheWall())
                .check(house);
    }

    private static DescribedPredicate<JavaMethodCall> onTheWall() {
        return DescribedPredicate.describe("asks java.time or java.util for now", call -> {
            String owner = call.getTargetOwner().getName();
            String name = call.getName();
            return owner.startsWith("java.time.") && (name.equals("now") || name.startsWith("system"))
                    || owner.equals("java.util.Date")
                    || owner.equals("java.util.Calendar");
        });
    }

    @Test
    void packagesFormNoCycles() {
        slices().matching("org.imbrex.(*.*)..").should().beFreeOfCycles().check(house);
    }
}
