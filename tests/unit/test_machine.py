"""What a record says of the machine: as found, and nothing that names a person, a host or a place."""

import getpass
import json
import platform
import sys

import pytest

from harness import machine


@pytest.fixture(autouse=True)
def looked_anew():
    machine.distributions.cache_clear()
    yield
    machine.distributions.cache_clear()


def installed(folder, name, metadata):
    (folder / name).mkdir(parents=True)
    if metadata is not None:
        (folder / name / "METADATA").write_text(metadata, encoding="utf-8")


def test_distributions_are_named_in_lower_case_with_hyphens(tmp_path, monkeypatch):
    installed(tmp_path, "Some_Package.Of_Ours-1.2.dist-info", "Name: Some_Package.Of_Ours\nVersion: 1.2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert machine.distributions()["some-package-of-ours"] == "1.2"


def test_the_remains_of_a_broken_installation_are_passed_over(tmp_path, monkeypatch):
    installed(tmp_path, "~ensorflow-2.21.0.dist-info", None)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert None not in machine.distributions()
    assert "pytest" in machine.distributions()


def test_of_two_installations_the_one_that_python_imports_is_named(tmp_path, monkeypatch):
    for place, version in (("first", "1.0"), ("second", "2.0")):
        installed(tmp_path / place, "ours-{}.dist-info".format(version), "Name: ours\nVersion: {}\n".format(version))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "first"), str(tmp_path / "second"), *sys.path])
    assert machine.distributions()["ours"] == "1.0"


def test_only_the_allowed_variables_are_written_down(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://name:secret@example.org")
    found = machine.machine()
    assert found["variables"]["OMP_NUM_THREADS"] == "2"
    assert set(found["variables"]) <= set(machine.VARIABLES)
    assert "secret" not in json.dumps(found)


def test_paths_in_the_compiler_s_flags_are_not_written_down(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_use_thunk_runtime=false --xla_dump_to=/home/somebody/dump")
    assert "somebody" not in json.dumps(machine.machine())


def test_the_machine_has_no_host_and_no_user_in_it():
    found = json.dumps(machine.machine())
    assert platform.node() not in found
    assert getpass.getuser() not in found or getpass.getuser() in ("root", "x")
    assert machine.machine()["cores"] >= 1
    assert machine.python_version() == platform.python_version()


def test_what_was_held_in_memory_once_stays_in_the_peak():
    before = machine.peak_memory()
    held = b"x" * (before + 2**26)
    assert machine.peak_memory() > len(held)
    after = machine.peak_memory()
    del held
    assert machine.peak_memory() >= after
