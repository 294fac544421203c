"""What was live once, in dictionaries: the same as in SQL, said in the plainest way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from glede.aside import past_of
from glede.ports import Commit
from glede.results import Version
from glede.testing.fake_scopes import Scope, Scopes
from glede.text import moments


class MemoryPast:
    """What a catalogue in memory knows of what was live once; `retire` notes what is to be purged."""

    def __init__(self, scopes: Scopes, retire: Callable[[str, Sequence[Commit]], None]) -> None:
        self._scopes = scopes
        self._retire = retire
        self._versions: dict[str, dict[tuple[str, str, str], Version]] = {}
        self._unindexed: dict[tuple[str, str], None] = {}
        self._added: Mapping[str, str] = {}

    def ended(self, collection: str, source: str, before: str, after: str | None) -> None:
        """Note since when a source meant a document, and until when: until a new one took its place."""
        now = moments.now()
        since = self._since(collection, source, before)
        until = self._added.get(after or "", now)
        self._note(collection, Version(source, before, since, until if until >= since else max(since, now)))

    def renewed(self, collection: str, commits: Sequence[Commit]) -> list[Commit]:
        """What was read before counts as a version until now; what comes back is no past any more.

        Returns what lay there, to be retired once it is known what the present keeps of it.
        """
        self._added = {one.document.id: one.document.added_at for one in commits}
        for document_id, added in self._added.items():
            for source in self._scopes.of(collection).names(document_id):
                since = self._since(collection, source, document_id)
                if since < added:
                    self._note(collection, Version(source, document_id, since, added))
        return self._taken(past_of(collection), list(self._added))

    def left(self, collection: str, commits: Sequence[Commit]) -> None:
        """Keep documents that have left, and note that their rows in the index are missing."""
        past = self.kept(collection)
        for commit in commits:
            past.live[commit.document.id] = commit
            self._unindexed[past_of(collection), commit.document.id] = None
        self._added = {}

    def kept(self, collection: str) -> Scope:
        """Where the past of a collection lies; its documents have the names that they had."""

        def names(document_id: str) -> tuple[str, ...]:
            own = (one for one in self._known(collection) if one.document_id == document_id)
            return tuple(
                dict.fromkeys(one.source for one in sorted(own, key=lambda one: (one.until, one.source)))
            )

        return self._scopes.made(past_of(collection), names)

    def is_kept(self, collection: str) -> bool:
        """Whether there is anything of the past."""
        return bool(self._known(collection))

    def versions(self, collection: str, name: str) -> list[Version]:
        """The former versions of sources of that name, or end of a name; the oldest first."""
        there = self.ids_of(collection) | self.ids_of(past_of(collection))
        kept = (one for one in self._named(collection, name) if one.document_id in there)
        return sorted(kept, key=lambda one: (one.source, one.since, one.until, one.document_id))

    def every(self, collection: str) -> list[Version]:
        """All former versions of documents that are live or past; the oldest first."""
        there = self.ids_of(collection) | self.ids_of(past_of(collection))
        kept = (one for one in self._known(collection) if one.document_id in there)
        return sorted(kept, key=lambda one: (one.since, one.source))

    def restore(self, collection: str, versions: Sequence[Version]) -> None:
        """Note versions from elsewhere, of documents that are there, live or past."""
        there = self.ids_of(collection) | self.ids_of(past_of(collection))
        noted = [one for one in versions if one.document_id in there]
        for one in noted:
            self._note(collection, one)
        sources = self._scopes.of(past_of(collection)).sources
        come = [meant for meant, _ in sources.values()]
        sources.clear()
        named = {one.document_id for one in noted}
        self._forget(past_of(collection), [one for one in come if one not in named])

    def live_at(self, collection: str, moment: str) -> dict[str, str]:
        """The documents that were live then, each with since when."""
        scope, known = self._scopes.of(collection), self._known(collection)
        otherwise = {one.source for one in known if one.until > moment}
        found: dict[str, str] = {}
        for document_id, commit in list(scope.live.items()):
            if commit.document.added_at <= moment and not otherwise.issuperset(scope.names(document_id)):
                found[document_id] = commit.document.added_at
        for one in known:
            if one.since <= moment < one.until:
                found[one.document_id] = max(one.since, found.get(one.document_id, ""))
        return found

    def ids_of(self, scope: str) -> frozenset[str]:
        """The documents that lie in a scope."""
        return frozenset(self._scopes.of(scope).live)

    def find(self, collection: str, name: str) -> list[str]:
        """The documents that sources of that name, or end of a name, have meant."""
        return list(dict.fromkeys(one.document_id for one in self._named(collection, name)))

    def unindexed(self, limit: int) -> list[tuple[str, str]]:
        """Documents whose rows in the index are still to be written, each with the scope it lies in."""
        return list(self._unindexed)[:limit]

    def indexed(self, documents: Sequence[tuple[str, str]]) -> None:
        """Note that these rows are written."""
        for one in documents:
            self._unindexed.pop(one, None)

    def purge(self, collection: str, moment: str) -> int:
        """Forget versions that had ended by then; returns how many documents went with them."""
        known = self._known(collection)
        ended = dict.fromkeys(one.document_id for one in known if one.until <= moment)
        self._keep(collection, [one for one in known if one.until > moment])
        needed = {one.document_id for one in self._known(collection)}
        return self._forget(past_of(collection), [one for one in ended if one not in needed])

    def erase(self, collection: str, document_ids: Sequence[str]) -> None:
        """Take documents out for good, live or past, with all that says they ever were."""
        sources = self._scopes.of(collection).sources
        for source, (meant, _) in list(sources.items()):
            if meant in document_ids:
                del sources[source]
        self._forget(collection, document_ids)
        self._forget(past_of(collection), document_ids)
        self._keep(
            collection, [one for one in self._known(collection) if one.document_id not in document_ids]
        )

    def _since(self, collection: str, source: str, document_id: str) -> str:
        added = self._scopes.of(collection).live[document_id].document.added_at
        return max([added, *(one.until for one in self._known(collection) if one.source == source)])

    def _note(self, collection: str, version: Version) -> None:
        key = (version.source, version.since, version.document_id)
        self._versions.setdefault(collection, {})[key] = version

    def _known(self, collection: str) -> list[Version]:
        return list(self._versions.get(collection, {}).values())

    def _keep(self, collection: str, versions: Sequence[Version]) -> None:
        self._versions[collection] = {(one.source, one.since, one.document_id): one for one in versions}

    def _named(self, collection: str, name: str) -> list[Version]:
        known = self._known(collection)
        exact = [one for one in known if name in (one.source, one.document_id)]
        return exact or [one for one in known if one.source.endswith(f"/{name.removeprefix('./')}")]

    def _forget(self, scope: str, document_ids: Sequence[str]) -> int:
        gone = self._taken(scope, document_ids)
        self._retire(scope, gone)
        return len(gone)

    def _taken(self, scope: str, document_ids: Sequence[str]) -> list[Commit]:
        live = self._scopes.of(scope).live
        gone = [live.pop(one) for one in dict.fromkeys(document_ids) if one in live]
        for commit in gone:
            self._unindexed.pop((scope, commit.document.id), None)
        return gone
