import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from features.catalogs.reader import read_catalog
from features.synthetic import Design, generate
from models.bundle import load
from models.recipe import read_recipe

LUODI = Path(sys.executable).with_name("luodi")
DAYS = (date(2021, 12, 31), date(2022, 12, 31))  # of the two models there are
FED = date(2023, 3, 31)
KILLS = 10
MANY = 150
LEDGER = "项目编号,项目名称,评审日期,投资方名称,开工日期,投产日期\n"

WARM = """
import json, os, signal, sys, time
from models.tracking import settle
from scoring.store import prepare
settle()
prepare()
import lightgbm, mlflow, models.registry, models.retraining, scoring.cli

def begun(arguments):
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open("said", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        os._exit(scoring.cli.run(arguments))
    return child

for line in sys.stdin:
    commands, kill_after = json.loads(line)
    open("said", "w").close()
    children = [begun(arguments) for arguments in commands]
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(children[0], signal.SIGKILL)
    print(*(os.waitpid(child, 0)[1] for child in children), flush=True)
"""  # libraries are loaded once: every kill falls into the work


@dataclass(frozen=True)
class Office:
    """A store and a registry with two versions, the first of which rules; and a process that has loaded everything."""

    var: Path
    tokens: dict[str, Path]
    recipe: Path
    warm: subprocess.Popen

    def signed(self, who, *arguments):
        return [*map(str, arguments), "--token-file", str(self.tokens[who]), "--lang", "en"]

    def run(self, *commands, kill_after=None):
        """Run commands at once, each in a process of its own; return their exit codes, and what they said."""
        self.warm.stdin.write(json.dumps([commands, kill_after]) + "\n")
        self.warm.stdin.flush()
        codes = [os.waitstatus_to_exitcode(int(status)) for status in self.warm.stdout.readline().split()]
        return codes, (self.var.parent / "said").read_text(encoding="utf-8")

    def done(self, arguments):
        """Run a command to its end; return how many seconds it took."""
        began = time.monotonic()
        codes, said = self.run(arguments)
        assert codes == [0], said
        return time.monotonic() - began

    def retraining(self):
        return self.signed("an", "retrain", "--as-of", DAYS[0], "--recipe", self.recipe)

    def approval(self):
        """Return the command that puts the version in charge that is not, proposed at need."""
        from scoring.review.approvals import champion, open_proposal, propose
        from scoring.review.models import User
        from scoring.succession import bundle_of

        version = 3 - champion().version
        if open_proposal(version) is None:
            propose(version, bundle_of(version), User.objects.get(name="an"), "better")
        return self.signed("bo", "models", "approve", version, "--reason", "agreed")

    def feed(self, name):
        rows = (f"{name}-{n},项目{n},2022-01-10,公司{n},2022-06-01,2023-01-05\n" for n in range(MANY))
        path = self.var.parent / f"{name}.csv"
        path.write_text(LEDGER + "".join(rows), encoding="utf-8")
        rejects = path.with_suffix(".rejects.csv")
        return self.signed("lin", "outcomes", "add", path, "--as-of", FED, "--recorded", FED, "--rejects", rejects)


@pytest.fixture(scope="module")
def office(store_templates, empty_registry, tmp_path_factory, hashed_password):
    with store_templates.place("sqlite", tmp_path_factory.mktemp("killed") / "var") as var:
        shutil.copy(empty_registry, var / "mlflow.db")
        warm = subprocess.Popen(
            [sys.executable, "-c", WARM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=var.parent
        )
        with warm:
            made = Office(var, tokens(var.parent, hashed_password), recipe(var.parent), warm)
            fill()
            for day in DAYS:
                made.done(made.signed("an", "retrain", "--as-of", day, "--recipe", made.recipe))
            enthrone()
            yield made
            warm.stdin.close()


def tokens(folder, password):
    from django.contrib.auth.models import Group

    from scoring.review.entrance import issue_token
    from scoring.review.models import User

    kept = {}
    for name, role in {"an": "analyst", "bo": "chair", "lin": "secretary"}.items():
        user = User.objects.create(name=name, password=password)
        user.groups.set(Group.objects.filter(name=role))
        kept[name] = folder / f"{name}.token"
        kept[name].write_text(issue_token(user))
    return kept


def recipe(folder):
    whole = read_recipe()
    short = replace(whole, trees=replace(whole.trees, rounds=5), level=replace(whole.level, folds=2))
    path = folder / "recipe.toml"
    path.write_text(replace(short, bag=replace(whole.bag, members=1)).text, encoding="utf-8")
    return path


def fill():
    """Load a small ledger, each event on record a month after its day."""
    from scoring.review.filings import Sheet, admit
    from scoring.review.ledger import Entry, append
    from scoring.review.models import User

    catalog, lin = read_catalog("zhaoshang"), User.objects.get(name="lin")
    register = generate(Design(n_projects=50, first_year=2019, years=4), seed=4)
    admit(Sheet(register.filings, catalog, date(2019, 1, 1), "ledger.csv"), lin)
    entries = []
    for milestone in ("landed", "produced"):
        column = catalog.milestones[milestone].columns[0]
        told = register.history[register.history[column].notna()]
        for uid, day in zip(told["project_uid"], told[column].dt.date, strict=True):
            entries.append(Entry(uid, milestone, day, min(max(day, DAYS[0]), DAYS[1]), "feed.csv"))
    append(entries, lin)


def enthrone():
    from scoring.review.approvals import approve, propose
    from scoring.review.models import User
    from scoring.succession import bundle_of, mend

    an, bo = User.objects.get(name="an"), User.objects.get(name="bo")
    propose(1, bundle_of(1), an, "the first")
    approve(1, bo, "agreed")
    mend()


@dataclass(frozen=True)
class State:
    """What the store holds: rows of each kind, and who rules."""

    trainings: int
    reigns: int
    projects: int
    filings: int
    entries: int
    ruling: tuple


def state():
    from django.db import connections

    from scoring.review.approvals import champion
    from scoring.review.models import Filing, MilestoneEntry, Project, Reign, Training

    connections.close_all()
    tables = (Training, Reign, Project, Filing, MilestoneEntry)
    return State(*(table.objects.count() for table in tables), (champion().version, champion().bundle_hash))


def assert_whole(office):
    """Store, registry, bundles and champion are whole and agree, and the champion can be scored with."""
    from models.registry import versions
    from scoring.loading import load_trained
    from scoring.review.approvals import champion, is_approved
    from scoring.review.models import Approval, Reign, Training
    from scoring.review.soundness import unsound
    from scoring.succession import bundle_of, mend

    assert not unsound()
    assert Approval.objects.count() == Reign.objects.count()
    known = {one.version: one.bundle_hash for one in versions()}
    assert {version: bundle_of(version) for version in known} == known
    assert set(Training.objects.values_list("version", "bundle_hash")) <= set(known.items())
    for folder in (office.var / "bundles").iterdir():
        if len(folder.name) == 64:
            load(folder)
    rules = champion()
    assert is_approved(rules.bundle_hash)
    mend()
    (there,) = [one for one in versions() if "champion" in one.aliases]
    assert (there.version, there.bundle_hash) == (rules.version, rules.bundle_hash)
    assert load_trained(Path("models:/luodi@champion")).digest == rules.bundle_hash


def killed(office, command, changed, seed):
    """Kill a command ten times on its way; each time all is whole, and the store as it was or as ``changed`` says.

    Each tenth of the way gets one kill. A run that ends before its kill is held to the same, and tried again.
    """
    whole, chance = min(office.done(command(f"whole{n}")) for n in range(2)), random.Random(seed)
    kills, runs = 0, 0
    while kills < KILLS:
        arguments = command(f"k{runs}")
        before = state()
        (code,), said = office.run(arguments, kill_after=whole * (kills + chance.random()) / KILLS)
        assert code in (0, -signal.SIGKILL), said
        assert state() in ((changed(before),) if code == 0 else (before, changed(before)))
        assert_whole(office)
        whole *= 0.95 if code == 0 else 1.0
        kills, runs = kills + (code != 0), runs + 1


def trained(was):
    return replace(was, trainings=was.trainings + 1)


def crowned(was):
    from scoring.succession import bundle_of

    version = 3 - was.ruling[0]
    return replace(was, reigns=was.reigns + 1, ruling=(version, bundle_of(version)))


def fed(was):
    return replace(was, projects=was.projects + MANY, filings=was.filings + MANY, entries=was.entries + 2 * MANY)


def test_a_killed_retraining_leaves_all_whole(office):
    from models.registry import versions
    from scoring.review.trainings import last_training
    from scoring.succession import bundle_of

    office.done(office.retraining())
    before = last_training()
    killed(office, lambda _: office.retraining(), trained, seed=1)
    office.done(office.retraining())
    assert last_training().bundle_hash == before.bundle_hash, "what a kill left behind teaches nothing"
    shutil.rmtree(office.var / "bundles")
    for one in versions():
        assert bundle_of(one.version) == one.bundle_hash, "the registry alone holds every version whole"


def test_a_killed_approval_leaves_one_champion(office):
    killed(office, lambda _: office.approval(), crowned, seed=2)
    before = state()
    office.done(office.approval())
    assert state() == crowned(before)


def test_a_killed_feed_is_taken_in_whole_or_not_at_all(office):
    killed(office, office.feed, fed, seed=3)
    before = state()
    office.done(office.feed("last"))
    assert state() == fed(before)


def test_of_two_retrainings_at_once_one_waits(office):
    before = state()
    codes, said = office.run(office.retraining(), office.retraining())
    assert codes == [0, 0], said
    assert state() == trained(trained(before))
    assert_whole(office)


def test_of_two_approvals_at_once_one_is_told_that_nothing_is_left_to_approve(office):
    before, command = state(), office.approval()
    codes, said = office.run(command, command)
    assert sorted(codes) == [0, 2], said
    assert "nothing is proposed" in said
    assert state() == crowned(before)
    assert_whole(office)


def test_of_two_feeds_at_once_both_are_taken_in(office):
    before = state()
    codes, said = office.run(office.feed("one"), office.feed("two"))
    assert codes == [0, 0], said
    assert state() == fed(fed(before))
    assert_whole(office)
