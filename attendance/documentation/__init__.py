"""The documents that are made from the code: events, AsyncAPI, OpenAPI, law, states, and the snapshots of the contracts.

`python -m attendance.documentation` writes them, `--check` names those that are stale. They are committed, so that a change of a
contract, a path or a number of the law shows in review as what it is.
"""
