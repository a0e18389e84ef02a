"""The sample companies, filled once for every test that looks at them."""

from collections.abc import Iterator

import pytest

from tests.filled import Filled, filled


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    made = filled(tmp_path_factory.mktemp("full"), small=False)
    yield made
    made.db.close()
    made.database.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    made = filled(tmp_path_factory.mktemp("small"), small=True)
    yield made
    made.db.close()
    made.database.close()


@pytest.fixture(params=["full", "small"])
def either(request: pytest.FixtureRequest) -> Filled:
    made: Filled = request.getfixturevalue(request.param)
    return made
