"""The only file that knows GitHub's command line `gh`. It is given issues and actions, and holds no judgement."""

import json
import shutil
import subprocess
from collections.abc import Sequence

from harness.driver.errors import TrackerError
from harness.driver.regressions import Action, Issue

LABEL = "regression"  # Only who may label can make an issue that we take for ours.
MOST = 1000


class GitHub:
    """The issues of one repository: that of the working tree or of $GH_REPO where none is named."""

    def __init__(self, repository: str = "") -> None:
        self.where = ["--repo", repository] if repository else []

    def issues(self) -> list[Issue]:
        """Return the open issues that bear our label."""
        text = self._call(
            "issue", "list", "--state", "open", "--label", LABEL, "--limit", str(MOST), "--json", "number,title,body"
        )
        try:
            return [Issue(one["number"], one["title"], one["body"]) for one in json.loads(text)]
        except (ValueError, TypeError, KeyError):
            raise TrackerError(f"gh listed issues in a way that is not known: {text[:80]!r}; update gh") from None

    def do(self, action: Action) -> None:
        """Carry out one action; TrackerError if GitHub refuses."""
        if action.what == "open":
            self._call("label", "create", LABEL, "--force", "--description", "A nightly run differs from what was declared")
            self._call("issue", "create", "--title", action.title, "--label", LABEL, "--body-file", "-", text=action.text)
        elif action.what == "update":
            self._call("issue", "edit", str(action.number), "--title", action.title, "--body-file", "-", text=action.text)
        else:
            self._call("issue", "close", str(action.number), "--comment", action.text)

    def _call(self, *words: str, text: str = "") -> str:
        gh = shutil.which("gh")
        if gh is None:
            raise TrackerError("`gh`, GitHub's command line, is not on PATH; install it and log in")
        command: Sequence[str] = [gh, *words, *self.where]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise TrackerError(f"`gh {' '.join(words[:2])}` failed with exit code {done.returncode}: {said}")
        return done.stdout
