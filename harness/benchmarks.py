"""Where pytest-benchmark keeps its numbers: beside the records, unless the user says otherwise."""


class Target(str):
    """The path of a JSON file, and a context that opens it: pytest-benchmark 5 wants the one, 3 and 4 the other."""

    __slots__ = ("file",)

    def __enter__(self):
        self.file = open(str(self), "wb")
        return self.file

    def __exit__(self, *error):
        self.file.close()


def keep(option, path):
    """Have the benchmarks written to the path, unless the user named a file or there is no pytest-benchmark."""
    if getattr(option, "benchmark_json", 0) is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        option.benchmark_json = Target(path)
