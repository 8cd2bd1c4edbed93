"""Platforms whose disk forgets, by the variables that their documentation promises to every process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Platform:
    """Where this runs."""

    name: str
    sign: str  # the variable that it sets
    volumes: bool = False  # whether a disk that stays can be had there; it is then a mount of its own

    @property
    def advice(self) -> str:
        """Why SQLite can not be used here, and what to do."""
        volume = ", or put the file on a volume of the platform" if self.volumes else ""
        example = " (heroku addons:create heroku-postgresql)" if self.sign == "DYNO" else ""
        return (
            f"This platform ({self.name}) forgets its disk at every restart, and DATABASE_URL names no PostgreSQL:"
            f" add one{example}{volume}. If you know that the disk stays, set DISK_STAYS=1."
        )


PLATFORMS = (
    Platform("Heroku", "DYNO"),
    Platform("Render", "RENDER", volumes=True),
    Platform("Railway", "RAILWAY_ENVIRONMENT_ID", volumes=True),
    Platform("Railway", "RAILWAY_PROJECT_ID", volumes=True),
    Platform("Fly.io", "FLY_APP_NAME", volumes=True),
    Platform("Cloud Run", "K_SERVICE"),
    Platform("Cloud Run", "CLOUD_RUN_JOB"),
    Platform("App Engine", "GAE_SERVICE"),
    Platform("Vercel", "VERCEL"),
    Platform("AWS Lambda", "AWS_LAMBDA_FUNCTION_NAME"),
    Platform("Amazon ECS", "ECS_CONTAINER_METADATA_URI_V4", volumes=True),
    Platform("Azure App Service", "WEBSITE_INSTANCE_ID", volumes=True),
    Platform("Azure Container Apps", "CONTAINER_APP_NAME", volumes=True),
    Platform("Cloud Foundry", "VCAP_APPLICATION"),
    Platform("Kubernetes", "KUBERNETES_SERVICE_HOST", volumes=True),
)


def platform_of(environment: Mapping[str, str]) -> Platform | None:
    """The first of these whose sign is set; None on a machine of one's own."""
    return next((one for one in PLATFORMS if environment.get(one.sign, "").strip()), None)
