"""What others may see of members, and the deletion of everything stored about one."""

from collections.abc import Iterable
from dataclasses import replace

from bot.members.models import Privacy
from bot.members.privacy_repository import PrivacyRepository


class PrivacyService:
    """Applies what members decide about their data; `repository` exports it."""

    def __init__(self, repository: PrivacyRepository) -> None:
        self.repository = repository

    async def get_privacy(self, member_id: int) -> Privacy:
        """Return what others may see of the member."""
        return (await self.list_privacy([member_id]))[member_id]

    async def list_privacy(self, member_ids: Iterable[int]) -> dict[int, Privacy]:
        """Return what others may see of these members, by member; the defaults for those who chose nothing."""
        member_ids = set(member_ids)
        chosen = await self.repository.list_privacy(member_ids)
        return {member_id: chosen.get(member_id, Privacy()) for member_id in member_ids}

    async def set_name_hidden(self, member_id: int, is_name_hidden: bool) -> list[int]:
        """Store whether lists leave the member's name out; return the servers with a message that names them."""
        privacy = await self.get_privacy(member_id)
        await self.repository.set_privacy(member_id, replace(privacy, is_name_hidden=is_name_hidden))
        return await self.repository.list_announced_servers(member_id)

    async def set_diary_public(self, member_id: int, is_diary_public: bool) -> None:
        """Store whether others may read the member's diary."""
        privacy = await self.get_privacy(member_id)
        await self.repository.set_privacy(member_id, replace(privacy, is_diary_public=is_diary_public))

    async def delete_data(self, member_id: int) -> list[int]:
        """Delete everything stored about the member; return the servers with a message that names them."""
        announced = await self.repository.list_announced_servers(member_id)
        await self.repository.delete_data(member_id)
        return announced
