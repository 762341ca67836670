"""compose.yaml: every container is confined, every secret a file, every name one that there is."""

import re
import shutil
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from msgspec import Struct

from perps_stats.core.keys import key_parts
from perps_stats.grafana import DASHBOARDS
from perps_stats.settings import load_settings

from .words import accepted

ROOT = Path(__file__).parents[2]
OURS = ("perps-stats", "dashboards")
MOUNTED = "/run/secrets/"


class Limits(Struct, forbid_unknown_fields=True):
    cpus: str
    memory: str


class Resources(Struct, forbid_unknown_fields=True):
    limits: Limits


class Deploy(Struct, forbid_unknown_fields=True):
    resources: Resources


class Health(Struct, forbid_unknown_fields=True):
    test: list[str] = []
    disable: bool = False
    interval: str | None = None
    timeout: str | None = None
    retries: int | None = None
    start_period: str | None = None


class Depends(Struct, forbid_unknown_fields=True):
    condition: str


class Service(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a service may say; anything else is an error of the test, or of the file."""

    image: str
    user: str
    read_only: bool
    cap_drop: list[str]
    security_opt: list[str]
    restart: str
    pids_limit: int
    deploy: Deploy
    init: bool
    logging: dict[str, object]
    build: str | None = None
    command: list[str] = []
    environment: dict[str, str] = {}
    secrets: list[str] = []
    volumes: list[str] = []
    tmpfs: list[str] = []
    ports: list[str] = []
    networks: list[str] = []
    network_mode: str | None = None
    depends_on: dict[str, Depends] = {}
    healthcheck: Health | None = None
    stop_grace_period: str | None = None
    shm_size: str | None = None


class Secret(Struct, forbid_unknown_fields=True):
    file: str


class Compose(Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    services: dict[str, Service]
    networks: dict[str, dict[str, bool]]
    volumes: dict[str, dict[str, str]]
    secrets: dict[str, Secret]
    hardened: object = msgspec.field(name="x-hardened")


COMPOSE = msgspec.yaml.decode((ROOT / "compose.yaml").read_bytes(), type=Compose)
SERVICES = COMPOSE.services
each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


@each_service
def test_every_container_is_confined(service: Service) -> None:
    """No root, no rights, nothing to write to but volumes and memory, a share of the machine."""
    assert re.fullmatch(r"[1-9]\d*:\d+", service.user)
    assert service.read_only
    assert service.cap_drop == ["ALL"]
    assert service.security_opt == ["no-new-privileges:true"]
    assert service.deploy.resources.limits.memory
    assert service.pids_limit > 0


@each_service
def test_nothing_is_open_to_other_machines(service: Service) -> None:
    """Ports are those of loopback."""
    for port in service.ports:
        assert port.startswith("127.0.0.1:")


@each_service
def test_images_have_a_version(service: Service) -> None:
    """Or are built here."""
    assert service.build == "." or re.search(r":v?\d+\.\d+\.\d+", service.image)


@each_service
def test_every_container_says_whether_it_is_well(service: Service) -> None:
    """By its own check or its image's; one that only writes files and ends needs none."""
    if service.healthcheck is None:
        assert service.image == "perps-stats"  # see test_dockerfile
    else:
        assert service.healthcheck.disable == (service.restart == "no")


@each_service
def test_what_is_mounted_is_there(service: Service) -> None:
    """Files of this repository, read-only; and volumes."""
    for mount in service.volumes:
        source, _, *mode = mount.split(":")
        if source.startswith("."):
            assert (ROOT / source).is_file(), source
            assert mode == ["ro"]
        else:
            assert source in COMPOSE.volumes


@each_service
def test_secrets_are_files(service: Service) -> None:
    """A variable names where one is mounted, and the container has it."""
    for name, value in service.environment.items():
        if re.search(r"PASSWORD|SECRET|KEY|URL", name):
            assert name.endswith("_FILE"), name
            assert value.startswith(MOUNTED)
            assert value.removeprefix(MOUNTED) in service.secrets
    assert set(service.secrets) <= set(COMPOSE.secrets)


@each_service
def test_who_is_waited_for_can_be(service: Service) -> None:
    """Each is a service; one that is to be healthy says so, one that is to end does."""
    for name, wait in service.depends_on.items():
        other = SERVICES[name]
        is_checked = other.healthcheck is not None or other.image == "perps-stats"
        assert wait.condition != "service_healthy" or is_checked
        assert (wait.condition == "service_completed_successfully") == (other.restart == "no")
    assert set(service.networks) <= set(COMPOSE.networks)


def test_the_database_is_reached_from_inside_alone() -> None:
    """Its network has no way out, and it has no other."""
    assert SERVICES["timescaledb"].networks == ["inside"]
    assert COMPOSE.networks["inside"] == {"internal": True}
    assert SERVICES["timescaledb"].ports == []


@pytest.mark.parametrize("name", OURS)
def test_command_lines_are_ours(name: str) -> None:
    """The program takes the words that its containers are started with."""
    accepted(SERVICES[name].command)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The directory that deploy/secrets.sh makes, beside a copy of it."""
    script = shutil.copy(ROOT / "deploy/secrets.sh", tmp_path)
    subprocess.run(["/bin/sh", script], check=True)
    return tmp_path / "secrets"


def test_every_secret_is_made(secrets: Path) -> None:
    """Each a different one; their directory is closed to others, and they can be read in it."""
    made = {path.name: path.read_text() for path in secrets.iterdir()}
    assert {f"./deploy/secrets/{name}" for name in made} == {
        secret.file for secret in COMPOSE.secrets.values()
    }
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {0o444}


def test_secrets_are_made_once(secrets: Path) -> None:
    """Who runs it again keeps what is in use."""
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    subprocess.run(["/bin/sh", secrets.with_name("secrets.sh")], check=True)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before


def test_our_settings_are_accepted(secrets: Path) -> None:
    """Of the container's environment, with the secrets as they are mounted: all are settings."""
    environ = {
        name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value).replace(MOUNTED, f"{secrets}/")
        for name, value in SERVICES["perps-stats"].environment.items()
    }
    settings, origins = load_settings({}, environ, secrets)
    assert "compose" in settings.api.keys[0]
    assert key_parts(settings.api.keys[0].encode()) is not None
    url = urlsplit(settings.database.url or "")
    assert (url.hostname, url.port, url.path) == ("timescaledb", 5432, "/perps_stats")
    assert url.password == (secrets / "database_password").read_text().strip()
    assert settings.stream.symbols == ("BTC", "ETH")
    assert sum(origin != "default" for origin in origins.values()) >= 4


class Scrape(Struct):
    job_name: str
    authorization: dict[str, str]
    static_configs: list[dict[str, list[str]]]


class Prometheus(Struct):
    rule_files: list[str]
    scrape_configs: list[Scrape]


def test_prometheus_finds_rules_key_and_target() -> None:
    """Under the names that compose.yaml gives them."""
    text = (ROOT / "deploy/prometheus.yml").read_bytes()
    config = msgspec.yaml.decode(text, type=Prometheus)
    service = SERVICES["prometheus"]
    mounts = {mount.split(":")[1] for mount in service.volumes}
    assert {f"/etc/prometheus/{name}" for name in config.rule_files} <= mounts
    (job,) = config.scrape_configs
    key = job.authorization["credentials_file"]
    assert key.removeprefix(MOUNTED) in service.secrets
    assert job.static_configs == [{"targets": ["perps-stats:8080"]}]
    assert SERVICES["perps-stats"].ports == ["127.0.0.1:8080:8080"]


def test_grafana_finds_what_is_written_for_it() -> None:
    """The volume, the files in it, the database, its password and Prometheus."""
    asked, grafana = accepted(SERVICES["dashboards"].command).params, SERVICES["grafana"]
    (written,) = [mount.split(":") for mount in SERVICES["dashboards"].volumes]
    (read,) = [mount.split(":") for mount in grafana.volumes if mount.endswith(":ro")]
    assert (written[0], written[1]) == (read[0], str(asked["directory"]))
    assert asked["dashboards_at"] == f"{read[1]}/dashboards"
    assert grafana.environment["GF_PATHS_PROVISIONING"] == f"{read[1]}/provisioning"
    home = grafana.environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home in {f"{read[1]}/dashboards/{each.uid}.json" for each in DASHBOARDS}
    assert asked["postgres"].split(":")[0] in SERVICES
    assert urlsplit(asked["prometheus"]).hostname in SERVICES
    assert asked["password_file"].removeprefix(MOUNTED) in grafana.secrets
