"""Writes numpy.txt: files as NumPy writes them, one a line: name, dtype, shape, base64.

Element k in C order is k % 2 for bool, k - 2 for signed integers and half of it for floats, k for unsigned ones.
"""
import base64
import io

import numpy as np


def array(dtype, shape):
    k = np.arange(int(np.prod(shape)))
    kind = np.dtype(dtype).kind
    values = {"b": k % 2, "i": k - 2, "u": k, "f": (k - 2) / 2}[kind]
    return values.astype(dtype).reshape(shape)


def line(out, name, dtype, shape, data):
    out.write(" ".join([name, dtype, "x".join(map(str, shape)) or "-", base64.b64encode(data).decode()]) + "\n")


def npy(value, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, value, version=version, allow_pickle=True)
    return file.getvalue()


with open("numpy.txt", "w") as out:
    for dtype in ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "f2", "f4", "f8"]:
        for order in "<>" if np.dtype(dtype).itemsize > 1 else "|":
            read = {"b1": "bool", "u2": "i32", "u4": "i64", "f2": "f32"}.get(
                dtype, dtype[0] + str(8 * np.dtype(dtype).itemsize))
            for shape in [(), (5,), (2, 3), (2, 0), (2, 3, 2)]:
                value = array(order + dtype, shape)
                line(out, f"c{order}{dtype}.npy", read, shape, npy(value))
                if len(shape) > 1:
                    line(out, f"f{order}{dtype}.npy", read, shape, npy(np.asfortranarray(value)))
    for version in [(1, 0), (2, 0), (3, 0)]:
        line(out, f"version{version[0]}.npy", "f64", (2, 3), npy(array("<f8", (2, 3)), version))
    for name, save in [("stored.npz", np.savez), ("deflated.npz", np.savez_compressed)]:
        file = io.BytesIO()
        save(file, a=array("<f8", (2, 3)), b=array("<f8", (40, 50)))
        line(out, name, "f64", (2, 3), file.getvalue())
    refused = {
        "objects": np.array([{}], dtype=object), "structured": np.zeros(2, "i4,f8"), "uint64": np.zeros(2, "u8"),
        "complex": np.zeros(2, "c16"), "text": np.array(["ab"]), "bytes": np.array([b"ab"]),
        "times": np.zeros(2, "M8[s]"), "void": np.zeros(2, "V3")}
    for name, value in refused.items():
        line(out, f"refused-{name}.npy", "-", value.shape, npy(value))
