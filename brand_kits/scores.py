"""The kits' music. Four beats to the bar; everything here is ours."""

from score import Part, Score, bars, held, picked

BUSY = "x:.25 x:.25 >x:.25 x:.25 " * 4
"""Sixteenths, the third of each beat leaned on."""

MIST = bars(
    "D3+A3+D4+F#4+A4 | B2+F#3+B3+D4+F#4 | G2+D3+G3+B3+D4 | A2+E3+A3+B3+E4 |"
    "D3+A3+D4+F#4+A4 | B2+F#3+B3+D4+F#4 | G2+D3+G3+B3+D4 | A2+E3+A3+B3+E4 |"
    "D3+A3+D4+F#4+A4 | G2+D3+G3+B3+D4 | E3+B3+D4+E4+G4 | A2+E3+A3+B3+E4 |"
    "G2+D3+G3+B3+D4 | A2+E3+A3+B3+E4 | B2+F#3+B3+D4+F#4 | G2+D3+A3+B3+D4"
)
RUN_UP = "A3:.125 B3:.125 D4:.125 E4:.125 F#4:.125 A4:.125 B4:.125 D5:.125"

SPRING_MIST = Score(
    bpm=90,
    decay=2.6,
    opening=2,
    parts=(
        Part(instrument="guzheng", level=-13, pan=-0.3, room=0.35, bars=picked(MIST, "0 1 2 3 4 3 2 1", 0.5)),
        Part(
            instrument="guzheng",
            level=-5,
            pan=0.12,
            room=0.4,
            bars=bars(
                f"A5:3 - | -:2 F#5:1 D5:1 | B4:4 | -:3 {RUN_UP} |"
                "F#5:1.5 E5:.5 D5 A4 | B4:1.5 D5:.5 E5:2 |"
                " B4:.5 D5:.5 E5 F#5 A5 | E5:2.5 D5:.25 B4:.25 A4:1 |"
                f"F#5:1.5 A5:.5 B5 A5 | F#5 E5:.5 D5:.5 B4:2 | E5 F#5:.5 E5:.5 D5 B4 | A4:3 {RUN_UP} |"
                "D6:2 B5:1 A5:1 | -:2 E5:.5 F#5:.5 A5 | F#5:3 - | -:2 D5:.5 B4:.5 A4"
            ),
        ),
        Part(
            instrument="flute",
            level=-13,
            pan=0.3,
            room=0.5,
            bars=bars(
                "4x -:4 | 4x -:4 | A4:4 | B4:2 D5:2 | E5:3 D5 | E5:4 |"
                "D5:2 E5:2 | F#5:3 E5 | D5:2 B4:2 | A4:3.5 -:.5"
            ),
        ),
        Part(instrument="pad", level=-22, room=0.4, bars=held(MIST)),
        Part(
            instrument="bass",
            level=-14,
            room=0.05,
            bars=bars(
                "4x -:4 | D2:3 A2 | B1:3 B1 | G1:3 D2 | A1:4 | D2:3 A2 | G1:3 G2 | E2:3 B1 | A1:4 |"
                "G1:4 | A1:4 | B1:4 | G1:4"
            ),
        ),
        Part(
            instrument="drum",
            level=-10,
            room=0.3,
            bars=bars("4x -:4 | 8x >x:1.5 x:1 x:1.5 | >x:4 | >x:4 | >x:2.5 x:1.5 | >x:4"),
        ),
        Part(
            instrument="shaker",
            level=-22,
            pan=0.35,
            room=0.15,
            bars=bars("4x -:4 | 8x x:.5 x:.5 >x:.5 x:.5 x:.5 x:.5 >x:.5 x:.5 | 4x -:4"),
        ),
        Part(
            instrument="block",
            level=-21,
            pan=-0.45,
            room=0.4,
            bars=bars("-:4 | -:3 x | -:4 | -:3 x:.5 x:.5 | 8x -:1.5 x:2 x:.5 | -:4 | -:3 x | -:4 | -:3 x"),
        ),
    ),
)

FLUSH = 4 * bars("E3+B3+D4+G4+B4 | C3+G3+B3+E4+G4 | G2+D3+G3+B3+D4 | D3+A3+D4+F#4+A4")

FIRST_FLUSH = Score(
    bpm=112,
    decay=1.5,
    opening=2,
    parts=(
        Part(
            instrument="marimba",
            level=-9,
            pan=-0.25,
            room=0.22,
            bars=picked(
                4 * bars("B4+D5+E5+G5 | B4+C5+E5+G5 | A4+B4+D5+G5 | A4+D5+E5+F#5"),
                "0 3 1 3 2 3 1 3",
                0.5,
            ),
        ),
        Part(
            instrument="guzheng",
            level=-6,
            pan=0.2,
            room=0.28,
            bars=bars(
                "4x -:4 | G5:.75 A5:.75 B5:1 A5:.5 G5 |"
                " E5:.75 G5:.75 A5:1.5 G5 | D5:.75 E5:.75 G5:1 A5:.5 B5 |"
                "A5:3 -:.5 A5:.25 B5:.25 |"
                "D6:.75 B5:.75 A5:1 G5:.5 A5 | G5:.75 E5:.75 G5:1.5 A5 |"
                " B5:.75 A5:.75 G5:1 E5:.5 D5 | E5:1 G5:1 A5:2 |"
                "B5:4 | A5:1.5 G5:2.5 |"
                " D5:.75 E5:.75 G5:1 A5:.5 B5 | A5:2 D5:.25 E5:.25 G5:.25 A5:.25 B5:.5 D6:.5"
            ),
        ),
        Part(
            instrument="flute",
            level=-15,
            pan=0.35,
            room=0.4,
            bars=bars("8x -:4 | 4x -:4 | E5:2 G5:2 | G5:3 E5 | D5:2 B4:2 | D5:3 -"),
        ),
        Part(instrument="pad", level=-22, room=0.3, duck=True, bars=held(FLUSH)),
        Part(
            instrument="bass",
            level=-11,
            room=0.0,
            duck=True,
            bars=bars("4x -:4")
            + 3
            * bars(
                "E2:.75 E2:.75 E2:.5 B1:1 D2:1 | C2:.75 C2:.75 C2:.5 G1:1 B1:1 |"
                "G1:.75 G1:.75 G1:.5 D2:1 B1:1 | D2:.75 D2:.75 D2:.5 A1:1 F#2:1"
            ),
        ),
        Part(
            instrument="kick",
            level=-5,
            room=0.02,
            bars=bars("4x -:4 | 8x >x x >x x | 2x >x:4 | 2x >x x >x x"),
        ),
        Part(
            instrument="clap",
            level=-15,
            room=0.3,
            bars=bars("2x -:4 | 2x -:1 x:2 x:1 | 8x -:1 x:2 x:1 | 2x -:4 | 2x -:1 x:2 x:1"),
        ),
        Part(
            instrument="hat",
            level=-18,
            pan=0.3,
            room=0.1,
            bars=bars("4x -:4 | 8x -:.5 x:1 x:1 x:1 x:.25 x:.25 | 2x -:4 | 2x -:.5 x:1 x:1 x:1 x:.5"),
        ),
        Part(
            instrument="shaker",
            level=-21,
            pan=-0.35,
            room=0.1,
            bars=bars(f"16x {BUSY}"),
        ),
    ),
)

MORNING = bars(
    "C3+G3+C4+E4+G4 | A2+E3+A3+C4+E4 | F2+C3+A3+C4+F4 | G2+D3+G3+B3+D4 |"
    "C3+G3+C4+E4+G4 | E3+B3+E4+G4+B4 | F2+C3+A3+C4+F4 | G2+D3+G3+B3+D4 |"
    "A2+E3+A3+C4+E4 | F2+C3+A3+C4+F4 | C3+G3+C4+E4+G4 | G2+D3+G3+B3+D4 |"
    "F2+C3+A3+C4+F4 | G2+D3+G3+B3+D4 | A2+E3+A3+C4+E4 | G2+D3+G3+B3+D4"
)

HARBOR_MORNING = Score(
    bpm=100,
    decay=1.7,
    opening=2,
    parts=(
        Part(instrument="guitar", level=-7, pan=-0.3, room=0.2, bars=picked(MORNING, "0 2 3 4 1 3 2 3", 0.5)),
        Part(
            instrument="guitar",
            level=-12,
            pan=0.4,
            room=0.25,
            bars=(*bars("4x -:4"), *picked(MORNING[4:], "2 3 4 3 4 3 2 4", 0.5)),
        ),
        Part(
            instrument="electric piano",
            level=-11,
            pan=0.15,
            room=0.3,
            bars=bars(
                "4x -:4 | E5:1.5 D5:.5 C5 G4 | B4:1.5 D5:.5 E5:2 | A4 C5 F5:1.5 E5:.5 | D5:3 - |"
                "C5:1 E5:.5 G5:1.5 E5 | A5:1.5 G5:.5 F5 C5 | E5:2 D5:.5 C5:1.5 | D5:3 B4 |"
                "C5:2 A4:2 | B4:2 D5:2 | C5:3 E5 | D5:4"
            ),
        ),
        Part(instrument="pad", level=-24, room=0.35, bars=held(MORNING)),
        Part(
            instrument="bass",
            level=-12,
            room=0.03,
            bars=bars(
                "4x -:4 |"
                "C2:1.5 C2:.5 G2:2 | E2:1.5 E2:.5 B1:2 | F1:1.5 F1:.5 C2:2 | G1:1.5 G1:.5 D2:1 B1:1 |"
                "A1:1.5 A1:.5 E2:2 | F1:1.5 F1:.5 C2:2 | C2:1.5 C2:.5 G2:2 | G1:1.5 G1:.5 D2:1 B1:1 |"
                "F1:4 | G1:4 | A1:4 | G1:3 B1"
            ),
        ),
        Part(instrument="kick", level=-9, room=0.05, bars=bars("4x -:4 | 8x >x:1.5 x:.5 >x:2 | 4x >x:4")),
        Part(instrument="block", level=-19, pan=0.2, room=0.3, bars=bars("4x -:4 | 8x -:1 x:2 x:1 | 4x -:4")),
        Part(
            instrument="shaker",
            level=-19,
            pan=-0.4,
            room=0.1,
            bars=bars("2x -:4 | 14x >x:.5 x:.25 x:.25 >x:.5 x:.25 x:.25 >x:.5 x:.25 x:.25 >x:.5 x:.25 x:.25"),
        ),
    ),
)

WHEEL = 4 * bars("A3+C4+E4+G4 | F3+A3+C4+E4 | C4+E4+G4+B4 | G3+B3+D4+E4")

CLAY_WHEEL = Score(
    bpm=118,
    decay=1.3,
    opening=2,
    parts=(
        Part(
            instrument="electric piano",
            level=-13,
            pan=-0.15,
            room=0.25,
            duck=True,
            bars=tuple(f"-:.5 {c}:.75 -:.25 {c}:.5 -:.5 {c}:1 -:.5" for c in WHEEL),
        ),
        Part(
            instrument="marimba",
            level=-6,
            pan=0.22,
            room=0.25,
            bars=bars(
                "4x -:4 |"
                "E5:.75 G5:.75 A5:1 G5:.5 E5 | C5:.75 E5:.75 G5:1 E5:.5 C5 |"
                " D5:.75 E5:.75 G5:1 A5:.5 G5 | E5:1.5 D5:.5 B4:2 |"
                "E5:.75 G5:.75 A5:1 C6:.5 A5 | G5:.75 E5:.75 C5:1 E5:.5 G5 |"
                " A5:.75 G5:.75 E5:1 D5:.5 E5 | D5:1 E5:1 D5:.5 B4:1.5 |"
                "C6:1 A5:.5 G5:.5 E5:2 | A5:1 G5:.5 E5:.5 C5:2 |"
                " E5:.5 D5:.5 E5:.5 G5:1.5 B5 | A5:.5 G5:.5 E5:1 D5:2"
            ),
        ),
        Part(
            instrument="marimba",
            level=-15,
            pan=-0.4,
            room=0.2,
            bars=picked(WHEEL, "0 2 3 1 2 3 0 2 3 1 2 3 0 2 1 3", 0.25),
        ),
        Part(instrument="pad", level=-24, room=0.3, duck=True, bars=held(WHEEL)),
        Part(
            instrument="bass",
            level=-10,
            duck=True,
            room=0.0,
            bars=bars("4x -:4")
            + 3
            * bars(
                "A1:.5 -:.5 A1:.5 A1:1 G1:.5 A1:1 | F1:.5 -:.5 F1:.5 F1:1 E1:.5 F1:1 |"
                "C2:.5 -:.5 C2:.5 C2:1 B1:.5 C2:1 | G1:.5 -:.5 G1:.5 G1:1 D2:.5 G1:1"
            ),
        ),
        Part(
            instrument="kick",
            level=-4,
            room=0.02,
            bars=bars("3x >x x >x x | >x:4 | 8x >x x >x x | 4x >x x >x x"),
        ),
        Part(instrument="clap", level=-13, room=0.25, bars=bars("4x -:4 | 12x -:1 >x:2 >x:1")),
        Part(
            instrument="hat",
            level=-10,
            pan=0.25,
            room=0.08,
            bars=bars("2x -:4 | 14x -:.5 >x:.75 x:.25 >x:.75 x:.25 >x:.75 x:.25 >x:.5"),
        ),
        Part(
            instrument="shaker",
            level=-20,
            pan=-0.3,
            room=0.1,
            bars=bars(f"4x -:4 | 12x {BUSY}"),
        ),
    ),
)

TRACKS = {
    "qinghe_tea/music/spring_mist": SPRING_MIST,
    "qinghe_tea/music/first_flush": FIRST_FLUSH,
    "harbor_ceramics/music/harbor_morning": HARBOR_MORNING,
    "harbor_ceramics/music/clay_wheel": CLAY_WHEEL,
}
