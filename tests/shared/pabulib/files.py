"""Small files of each kind, for tests to spoil."""

HEAD = """META
key;value
description;A small town
country;France
unit;Town
instance;2026
num_projects;3
num_votes;3
budget;1000
vote_type;{kind}
rule;greedy
{limits}PROJECTS
project_id;cost;name;selected
a;600;Benches;1
b;500.25;Trees;0
c;400;"A path; two gates";0
VOTES
voter_id;vote;points
"""
VOTES = {
    "approval": ("", "1;a,b;\n2;c;\n3;;\n"),
    "choose-1": ("", "1;a;\n2;c;\n3;c;\n"),
    "cumulative": ("max_sum_points;6\nmax_points;4\n", "1;a,b;4,2\n2;c;1\n3;;\n"),
    "scoring": ("default_score;0\nmin_points;-2\n", "1;a,b;4,-2\n2;c;1\n3;;\n"),
    "ordinal": ("max_length;2\n", "1;a,b;2,1\n2;c,a;2,1\n3;b,c;2,1\n"),
}


def small(kind: str) -> str:
    """A whole file of this vote type: three projects, three voters."""
    limits, votes = VOTES[kind]
    return HEAD.format(kind=kind, limits=limits) + votes
