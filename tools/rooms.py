"""Print the rooms of a package, the imports between them and the circles they form.

``python tools/rooms.py [package]``, such as ``deeplearn_utils.explorers`` (the default).
"""

import sys

import grimp

PACKAGE = "deeplearn_utils"


def arrows(package: str) -> dict[str, set[str]]:
    """Return for each room of a package (a file or a folder in it) the rooms that it imports."""
    graph = grimp.build_graph(package.partition(".")[0])
    rooms = {room: {room} | graph.find_descendants(room) for room in graph.find_children(package)}
    home = {module: room for room, modules in rooms.items() for module in modules}
    home[package] = package
    return {
        room: {
            home[imported]
            for module in modules
            for imported in graph.find_modules_directly_imported_by(module)
            if imported in home and home[imported] != room
        }
        for room, modules in sorted({**rooms, package: {package}}.items())
    }


def circles(rooms: dict[str, set[str]]) -> list[set[str]]:
    """Return the groups of rooms that import each other, directly or through others."""
    reach = {room: reachable(rooms, room) for room in rooms}
    groups = {frozenset(r for r in reach[room] if room in reach[r]) for room in rooms}
    return [set(group) for group in groups if group]


def reachable(rooms: dict[str, set[str]], start: str) -> set[str]:
    """Return the rooms that imports lead to from `start`; itself only when they lead back."""
    found, ahead = set(), list(rooms[start])
    while ahead:
        room = ahead.pop()
        if room not in found:
            found.add(room)
            ahead += rooms[room]
    return found


def main(package: str) -> None:
    """Print what was found."""
    rooms = arrows(package)
    for room, imported in rooms.items():
        print(f"{short(room, package)}: {', '.join(sorted(short(r, package) for r in imported))}")
    found = [", ".join(sorted(short(room, package) for room in group)) for group in circles(rooms)]
    print(f"{len(rooms)} rooms, {sum(map(len, rooms.values()))} imports between them")
    print("circles:", "; ".join(found) or "none")


def short(room: str, package: str) -> str:
    """Return a room's name without the package in front of it."""
    return room.removeprefix(f"{package}.") if room != package else "__init__"


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else f"{PACKAGE}.explorers")
