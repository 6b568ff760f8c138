"""Python's peers: reads commands, a line each, runs works on the arrays given, and answers with a line of JSON.

  load NAME FILE DTYPE SHAPE    run PEER WORK TIMES    check PEER WORK    keep NAME,...    hello THREADS
"""
import ctypes
import importlib
import json
import sys
import time

import numpy as np

arrays = {}
ready = {}
threads = 1


def module(name):
    try:
        return importlib.import_module(name)
    except Exception:
        return None


def numpy_works(xp):
    """The same text serves NumPy and CuPy. Results go to arrays made before, where the function takes one."""

    def out(like, key="o"):
        if key not in ready:
            ready[key] = xp.empty_like(like)
        return ready[key]

    def fma3(a, b, c):
        o = out(a)
        xp.multiply(a, b, out=o)
        return xp.add(o, c, out=o)

    def sqrt_exp(a, b, c):
        o, t = out(a), out(a, "t")
        xp.multiply(a, a, out=o)
        xp.multiply(b, b, out=t)
        xp.add(o, t, out=o)
        xp.sqrt(o, out=o)
        xp.negative(c, out=t)
        xp.exp(t, out=t)
        xp.add(t, 1, out=t)
        return xp.divide(o, t, out=o)

    def sin_axpy(a, b, c):
        o, t = out(a), out(a, "t")
        xp.sin(c, out=t)
        xp.multiply(b, t, out=t)
        xp.multiply(a, 2, out=o)
        return xp.add(o, t, out=o)

    def heat(u, o):
        t = out(u[1:-1, 1:-1], "t")
        i = u[1:-1, 1:-1]
        xp.add(u[:-2, 1:-1], u[2:, 1:-1], out=t)
        t += u[1:-1, :-2]
        t += u[1:-1, 2:]
        t -= 4 * i
        t *= xp.float32(0.1)
        xp.add(i, t, out=o[1:-1, 1:-1])
        return o

    def grid(u, key="o"):
        # the edge is not written: it keeps the values that it has
        if key not in ready:
            ready[key] = xp.array(u)
        return ready[key]

    def heat64(u):
        now = u
        for step in range(64):
            now = heat(now, grid(u, "o" if step % 2 else "o2"))
        return now

    def fft(z):
        w = ready.setdefault("w", z.view(np.complex128)[..., 0])
        return xp.fft.fft(w)

    return {
        "fma3": fma3,
        "sqrt-exp": sqrt_exp,
        "sin-axpy": sin_axpy,
        "sum": lambda a: xp.sum(a),
        "mean": lambda a: xp.mean(a),
        "min": lambda a: xp.min(a),
        "mean-axis0": lambda u: xp.mean(u, axis=0),
        "mean-axis1": lambda u: xp.mean(u, axis=1),
        "var-axis0": lambda u: xp.var(u, axis=0),
        "blockmean": lambda x: x.reshape(-1, 8, 3).mean(axis=1),
        "heat5": lambda u: heat(u, grid(u)),
        "heat5-64steps": heat64,
        "sort": lambda s: xp.sort(s),
        "quantile": lambda s: xp.quantile(s, 0.9),
        "matmul": lambda p, q: xp.matmul(p, q, out=out(p)),
        "matvec": lambda m, v: m @ v,
        "fft": fft,
    }


def numexpr_works(ne):
    def evaluate(text, like="a"):
        def run(**names):
            if "o" not in ready:
                ready["o"] = np.empty_like(names[like])
            return ne.evaluate(text, local_dict=names, out=ready["o"])

        return lambda *given: run(**dict(zip("abc", given)))

    def heat(u):
        if "o" not in ready:
            ready["o"] = np.array(u)
        o = ready["o"]
        names = dict(
            i=u[1:-1, 1:-1], n=u[:-2, 1:-1], s=u[2:, 1:-1], w=u[1:-1, :-2], e=u[1:-1, 2:], k=np.float32(0.1),
            f=np.float32(4))
        ne.evaluate("i + k * ((n + s) + (w + e) - f * i)", local_dict=names, out=o[1:-1, 1:-1])
        return o

    return {
        "fma3": evaluate("a*b+c"),
        "sqrt-exp": evaluate("sqrt(a*a+b*b)/(1+exp(-c))"),
        "sin-axpy": evaluate("2*a+b*sin(c)"),
        "sum": lambda a: ne.evaluate("sum(a)", local_dict=dict(a=a)),
        "min": lambda a: ne.evaluate("min(a)", local_dict=dict(a=a)),
        "heat5": heat,
    }


def torch_works(torch):
    def tensor(x):
        key = ("torch", id(x))
        if key not in ready:
            ready[key] = torch.from_numpy(x)
        return ready[key]

    def on(function):
        return lambda *given: function(*[tensor(x) for x in given]).numpy()

    return {
        "fma3": on(lambda a, b, c: torch.addcmul(c, a, b)),
        "sqrt-exp": on(lambda a, b, c: torch.sqrt(a * a + b * b) / (1 + torch.exp(-c))),
        "sin-axpy": on(lambda a, b, c: 2 * a + b * torch.sin(c)),
        "sum": on(torch.sum),
        "mean": on(torch.mean),
        "min": on(torch.min),
        "mean-axis0": on(lambda u: torch.mean(u, 0)),
        "mean-axis1": on(lambda u: torch.mean(u, 1)),
        "var-axis0": on(lambda u: torch.var(u, 0, unbiased=False)),
        "blockmean": on(lambda x: x.reshape(-1, 8, 3).mean(1)),
        "sort": on(lambda s: torch.sort(s).values),
        "matmul": on(torch.matmul),
        "matvec": on(torch.matmul),
        "fft": on(lambda z: torch.view_as_real(torch.fft.fft(torch.view_as_complex(z)))),
    }


numexpr, torch, cupy = module("numexpr"), module("torch"), module("cupy")
if cupy is not None:
    try:
        cupy.cuda.runtime.getDeviceCount()
    except Exception:
        cupy = None
works = {"numpy": numpy_works(np)}
if numexpr is not None:
    works["numexpr"] = numexpr_works(numexpr)
if torch is not None:
    works["torch"] = torch_works(torch)
if cupy is not None:
    works["cupy"] = numpy_works(cupy)


def blas():
    try:
        told = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return told["name"] + " " + told["version"]
    except Exception:
        return ""


def core():
    """The kernels that NumPy's OpenBLAS took, where it is OpenBLAS: by asking the library that this process has loaded."""
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps if "openblas" in line}
        for path in sorted(paths):
            library = ctypes.CDLL(path)
            for name in ("openblas_get_corename", "openblas_get_corename64_", "scipy_openblas_get_corename64_",
                         "scipy_openblas_get_corename"):
                if hasattr(library, name):
                    told = getattr(library, name)
                    told.restype = ctypes.c_char_p
                    return told().decode()
    except Exception:
        pass
    return ""


def hello(count):
    global threads
    threads = int(count)
    if numexpr is not None:
        numexpr.set_num_threads(threads)
    if torch is not None:
        torch.set_num_threads(threads)
    answer = {"python": sys.version.split()[0], "blas": blas(), "core": core()}
    for name, found in (("numpy", np), ("numexpr", numexpr), ("torch", torch), ("cupy", cupy)):
        if found is not None:
            answer[name] = found.__version__
    return answer


def load(name, file, dtype, shape):
    keep([known for known in arrays if known != name])
    shape = [int(extent) for extent in shape.split(",")]
    arrays[name] = np.fromfile(file, dtype={"f32": np.float32, "f64": np.float64}[dtype]).reshape(shape)
    return {}


def keep(names):
    for name in list(arrays):
        if name not in names:
            del arrays[name]
    ready.clear()
    return {}


def given(peer, names):
    if peer != "cupy":
        return [arrays[name] for name in names]
    for name in names:
        if ("cupy", name) not in ready:
            ready["cupy", name] = cupy.asarray(arrays[name])
    return [ready["cupy", name] for name in names]


last = None


def run(peer, work, names, times):
    global last
    if last != (peer, work):
        for key in [k for k in ready if isinstance(k, str)]:
            del ready[key]
        last = (peer, work)
    function = works[peer][work]
    inputs = given(peer, names.split(","))
    result = None
    began = time.perf_counter()
    for _ in range(int(times)):
        result = function(*inputs)
    if peer == "cupy":
        cupy.cuda.get_current_stream().synchronize()
    return time.perf_counter() - began, result


def check(peer, work, names):
    result = np.asarray(run(peer, work, names, 1)[1] if peer != "cupy" else run(peer, work, names, 1)[1].get())
    if result.dtype.kind == "c":
        result = result.view(np.float64)
    return {"sum": float(np.sum(result, dtype=np.float64))}


def answer(words):
    match words:
        case ["hello", count]:
            return hello(count)
        case ["load", *what]:
            return load(*what)
        case ["keep", names]:
            return keep(names.split(","))
        case ["knows", peer, work]:
            return {"knows": 1 if work in works.get(peer, {}) else 0}
        case ["run", *what]:
            return {"seconds": run(*what)[0]}
        case ["check", *what]:
            return check(*what)
    return {"error": "no such command"}


for line in sys.stdin:
    try:
        told = answer(line.rstrip("\n").split("\t"))
    except Exception as e:
        told = {"error": type(e).__name__ + ": " + str(e).split("\n")[0]}
    print(json.dumps(told), flush=True)
