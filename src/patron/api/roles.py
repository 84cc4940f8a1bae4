"""What each role may do."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from patron.access.roles import GRANTS, PERMISSIONS, Permission, Role

router = APIRouter(prefix="/roles", tags=["people and tokens"])


class RoleShown(BaseModel):
    """A role."""

    role: Role
    permissions: list[Permission]


class PermissionShown(BaseModel):
    """A permission."""

    permission: Permission
    about: str = Field(description="What it lets one do.")


class RoleList(BaseModel):
    """All roles, and all permissions that there are."""

    data: list[RoleShown]
    permissions: list[PermissionShown]


@router.get("", summary="What each role may do", response_model=RoleList)
def every() -> dict[str, Any]:
    """Whatever is not listed is denied."""
    return {
        "data": [
            {"role": role, "permissions": [one for one in PERMISSIONS if one in held]}
            for role, held in GRANTS.items()
        ],
        "permissions": [
            {"permission": name, "about": about} for name, about in PERMISSIONS.items()
        ],
    }
