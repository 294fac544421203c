"""Where answers lead on: the calls that go on from a collection, a job or a document (links of OpenAPI)."""

from __future__ import annotations

from typing import TypeAlias

Link: TypeAlias = "tuple[str, dict[str, str]]"
"""The `operationId` of a call, and what it is given: runtime expressions of OpenAPI."""

_HERE = {"collection": "$request.path.collection"}
_MADE = {"collection": "$response.body#/name"}
_FIRST = {**_HERE, "document": "$response.body#/documents/0/id"}
_THIS = {**_HERE, "document": "$response.body#/document/id"}
_ADD = "add_v1_collections__collection__documents_post"
_LIST = "listed_v1_collections__collection__documents_get"
_SHOW = "show_v1_collections__collection__documents__document__get"
_BLOCKS = "blocks_v1_collections__collection__documents__document__blocks_get"
_DELETE = "delete_v1_collections__collection__documents__document__delete"
_JOB = "show_v1_jobs__job__get"
_SEARCH = "search_v1_collections__collection__search_post"
_VERSIONS = "versions_v1_collections__collection__versions_get"

OF_COLLECTION: dict[str, Link] = {
    "search": (_SEARCH, _MADE),
    "add": (_ADD, _MADE),
    "list": (_LIST, _MADE),
    "delete": ("delete_v1_collections__collection__delete", _MADE),
}
OF_ADDITION: dict[str, Link] = {
    "job": (_JOB, {"job": "$response.body#/job/id"}),
    "list": (_LIST, _HERE),
    "search": (_SEARCH, _HERE),
}
OF_JOB: dict[str, Link] = {"list": (_LIST, {"collection": "$response.body#/job/collection"})}
OF_LIST: dict[str, Link] = {
    "document": (_SHOW, _FIRST),
    "blocks": (_BLOCKS, _FIRST),
    "delete": (_DELETE, _FIRST),
    "versions": (_VERSIONS, {**_HERE, "name": "$response.body#/documents/0/source"}),
}
OF_DOCUMENT: dict[str, Link] = {"blocks": (_BLOCKS, _THIS), "delete": (_DELETE, _THIS)}
OF_REMOVAL: dict[str, Link] = {"document": (_SHOW, _FIRST), "list": (_LIST, _HERE)}
