package org.imbrex.runtime.tornado;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * Calls of public methods by name. What they throw comes through, TornadoVM's own errors as the cause of an exception;
 * what is not there is a {@link LinkageError}.
 */
final class Reflected {
    private static final String API = "uk.ac.manchester.tornado.api.";

    private Reflected() {}

    /** A class of TornadoVM's API, by its name there. */
    static Class<?> api(String name) throws ClassNotFoundException {
        return Class.forName(API + name, true, ClassLoader.getSystemClassLoader());
    }

    static Class<?> type(String name) {
        try {
            return api(name);
        } catch (ClassNotFoundException e) {
            throw new NoClassDefFoundError(API + name);
        }
    }

    static Object make(String type, Object... arguments) {
        for (Constructor<?> constructor : type(type).getConstructors()) {
            if (takes(constructor.getParameterTypes(), constructor.isVarArgs(), arguments)) {
                try {
                    return constructor.newInstance(spread(constructor.getParameterTypes(), constructor.isVarArgs(), arguments));
                } catch (InvocationTargetException e) {
                    throw thrown(e);
                } catch (ReflectiveOperationException e) {
                    throw new LinkageError("new " + type, e);
                }
            }
        }
        throw new NoSuchMethodError("new " + type + " of " + arguments.length);
    }

    /** Calls a method that the API's type declares; {@code target} is null for a static one. */
    static Object call(String type, Object target, String name, Object... arguments) {
        for (Method method : type(type).getMethods()) {
            if (method.getName().equals(name) && takes(method.getParameterTypes(), method.isVarArgs(), arguments)) {
                try {
                    return method.invoke(target, spread(method.getParameterTypes(), method.isVarArgs(), arguments));
                } catch (InvocationTargetException e) {
                    throw thrown(e);
                } catch (IllegalAccessException e) {
                    throw new LinkageError(type + "." + name, e);
                }
            }
        }
        throw new NoSuchMethodError(type + "." + name + " of " + arguments.length);
    }

    private static boolean takes(Class<?>[] types, boolean varArgs, Object[] arguments) {
        int fixed = varArgs ? types.length - 1 : types.length;
        if (varArgs ? arguments.length < fixed : arguments.length != fixed) {
            return false;
        }
        for (int k = 0; k < arguments.length; k++) {
            Class<?> type = k < fixed ? types[k] : types[fixed].getComponentType();
            boolean fits = type.isPrimitive()
                    ? arguments[k] instanceof Number && (type == int.class || type == long.class)
                    : type.isInstance(arguments[k]);
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static Object[] spread(Class<?>[] types, boolean varArgs, Object[] arguments) {
        if (!varArgs) {
            return arguments;
        }
        int fixed = types.length - 1;
        Object rest = java.lang.reflect.Array.newInstance(types[fixed].getComponentType(), arguments.length - fixed);
        for (int k = fixed; k < arguments.length; k++) {
            java.lang.reflect.Array.set(rest, k - fixed, arguments[k]);
        }
        Object[] all = java.util.Arrays.copyOf(arguments, fixed + 1);
        all[fixed] = rest;
        return all;
    }

    private static RuntimeException thrown(InvocationTargetException e) {
        Throwable cause = e.getCause();
        // others, as TornadoInternalError, are a kernel's failure and not the process's
        if (cause instanceof LinkageError || cause instanceof OutOfMemoryError) {
            throw (Error) cause;
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }
}
