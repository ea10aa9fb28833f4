"""Queries that nobody who means well asks: each wants all the time, all the memory or the network.

Material for `hostile.py` and for tests. They are for the generated places of `generate.py`, and
as bad on any other graph.
"""


def digits(places: int) -> str:
    """Write a pattern with ten solutions to the power of `places`."""
    values = " ".join(str(digit) for digit in range(10))
    return " ".join(f"VALUES ?d{place} {{ {values} }}" for place in range(places))


def _growing(function: str, times: int) -> str:
    """Write bindings of which each makes the text before it many times as long."""
    return " ".join(f"BIND({function.format(f'?x{n}')} AS ?x{n + 1})" for n in range(times))


_NS = "https://places.example/ns#"
_PLACE = "<https://places.example/id/place/1>"
_ALL = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
_SUM = " + ".join(f"?d{n}" for n in range(9))
_X16, _X32 = "x" * 16, "x" * 32
_NEAR = f"<{_NS}near>"
#: Each step on from what is named takes as many times as long as there are statements like it.
_STEPS = " ".join(f"[] ?p ?o{n} ." for n in range(9))

#: Name and text; most run for ever, or until the memory ends.
EXHAUSTING = {
    "product of everything": f"SELECT * {{ {_ALL} }}",
    "product, counted": f"SELECT (COUNT(*) AS ?n) {{ {_ALL} }}",
    "product, distinct": f"SELECT DISTINCT * {{ {_ALL} }}",
    "product, sorted": f"SELECT * {{ {_ALL} }} ORDER BY ?c ?f ?i",
    "product, sorted, ten rows": f"SELECT * {{ {_ALL} }} ORDER BY DESC(?i) ?a LIMIT 10",
    "product, far offset": f"SELECT * {{ {_ALL} }} OFFSET 100000000000 LIMIT 1",
    "product, grouped by all": f"SELECT ?a ?d ?g (COUNT(*) AS ?n) {{ {_ALL} }} GROUP BY ?a ?d ?g",
    "product, constructed": f"CONSTRUCT {{ ?a ?e ?i . ?d ?h ?c }} {{ {_ALL} }}",
    "product, described": f"DESCRIBE ?a ?d ?g {{ {_ALL} }}",
    "product, asked": f"ASK {{ {_ALL} FILTER(?c = ?f && ?f = ?i && ?c != ?c) }}",
    "product with optional": "SELECT * { ?a ?b ?c OPTIONAL { ?d ?e ?f OPTIONAL { ?g ?h ?i } } }",
    "product with minus": "SELECT * { ?a ?b ?c . ?d ?e ?f MINUS { ?a ?e ?i . ?g ?h ?c } }",
    "product with not exists": """SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f
        FILTER NOT EXISTS { ?g ?h ?i FILTER(?i = ?c && ?h = ?e && ?g = ?i) } }""",
    "product of unions": "SELECT * {"
    + " ".join("{ ?a ?b ?c } UNION { ?c ?b ?a } UNION { ?b ?a ?c }" for _ in range(6))
    + "}",
    "product of graphs": "SELECT * { GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } }",
    "product in a sub-select": f"SELECT (SUM(?n) AS ?s) {{ SELECT (COUNT(*) AS ?n) {{ {_ALL} }} }}",
    "product of values": f"SELECT * {{ {digits(9)} }}",
    "sum over a product": f"SELECT (COUNT(*) AS ?n) {{ {digits(9)} FILTER({_SUM} = 100) }}",
    "looks like a lookup": f"SELECT * {{ {_PLACE} ?p ?o . {digits(7)} FILTER(?d0 + ?d6 = 100) }}",
    "taken for a lookup": f"SELECT ?o {{ {_PLACE} ?p ?o . {_STEPS} FILTER(?o0 + ?o8 = 1000) }}",
    "long answer to a lookup": f"SELECT * {{ {_PLACE} ?p ?o . {digits(8)} }}",
    "path from anywhere to anywhere": "SELECT * { ?a (<a:b>|!<a:b>)* ?b }",
    "path, counted": "SELECT (COUNT(*) AS ?n) { ?a (<a:b>|!<a:b>)+ ?b }",
    "path of what is near": f"SELECT (COUNT(*) AS ?n) {{ ?a {_NEAR}+ ?b }}",
    "path, there and back": f"SELECT (COUNT(*) AS ?n) {{ ?a ({_NEAR}|^{_NEAR})* ?b }}",
    "path of paths": f"SELECT (COUNT(*) AS ?n) {{ ?a (({_NEAR}+/^{_NEAR}+)+)* ?b }}",
    "path between two products": f"SELECT * {{ ?a {_NEAR}* ?b . ?c {_NEAR}* ?d . ?b ?p ?c }}",
    "REPLACE bomb": f'SELECT (STRLEN(?x8) AS ?n) {{ BIND("{_X16}" AS ?x0) '
    + _growing(f'REPLACE({{}}, "x", "{_X32}")', 8)
    + " }",
    "CONCAT bomb": f'SELECT (STRLEN(?x40) AS ?n) {{ BIND("{_X16}" AS ?x0) '
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    + " }",
    "ENCODE_FOR_URI bomb": 'SELECT (STRLEN(?x40) AS ?n) { BIND("%%%%%%%%" AS ?x0) '
    + " ".join(f"BIND(ENCODE_FOR_URI(CONCAT(?x{n}, ?x{n})) AS ?x{n + 1})" for n in range(40))
    + " }",
    "GROUP_CONCAT of everything": "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?f))) AS ?t) "
    f"{{ {_ALL} }}",
    "GROUP_CONCAT, distinct": f"""SELECT (GROUP_CONCAT(DISTINCT CONCAT(STR(?d0), STR(?d1), STR(?d2),
        STR(?d3), STR(?d4), STR(?d5), STR(?d6), STR(?d7))) AS ?t) {{ {digits(8)} }}""",
    "COUNT DISTINCT of a product": f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {digits(8)} }}",
    "SAMPLE of groups": f"SELECT ?a ?d (SAMPLE(?i) AS ?s) {{ {_ALL} }} GROUP BY ?a ?d ?i",
    "regular expressions, backtracking": f"""SELECT (COUNT(*) AS ?n) {{ {digits(8)}
        FILTER(REGEX("{"a" * 60}", "^(a+)+(a|aa)+b$")) FILTER(REGEX(STR(?d0), "(.*)*(.*)*x")) }}""",
    "regular expression, huge": 'SELECT * { ?s ?p ?o FILTER(REGEX(STR(?o), "'
    + "(a{1,100}){1,100}" * 3
    + '")) }',
    "regular expression for each row": """SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f
        FILTER(REGEX(STR(?c), CONCAT("^(", STR(?f), ")+$"), "i")) }""",
    "hashes of everything": f"""SELECT (MAX(SHA512(CONCAT(STR(?a), STR(?f), STR(?i)))) AS ?m)
        {{ {_ALL} }}""",
    "new terms for each row": f"""SELECT (BNODE() AS ?n) (UUID() AS ?u) (STRUUID() AS ?t)
        {{ {digits(9)} }}""",
    "huge VALUES": "SELECT (COUNT(*) AS ?n) { VALUES ?v { "
    + " ".join(map(str, range(60_000)))
    + " } VALUES ?w { "
    + " ".join(map(str, range(60_000)))
    + " } }",
    "VALUES of many columns": "SELECT * { VALUES ("
    + " ".join(f"?v{n}" for n in range(200))
    + ") { "
    + f"({' '.join(['UNDEF'] * 200)}) " * 200
    + "} "
    + digits(7)
    + " }",
    "nested groups": "SELECT * " + "{" * 100_000 + "}" * 100_000,
    "nested brackets": "SELECT (" + "(" * 100_000 + "1" + ")" * 100_000 + " AS ?x) {}",
    "nested path": "SELECT * { ?s " + "(" * 100_000 + "<a:b>" + ")" * 100_000 + " ?o }",
    "nested blank nodes": "SELECT * { ?s ?p " + "[ ?p " * 50_000 + "?o" + "]" * 50_000 + " }",
    "nested sub-selects": "SELECT * " + "{ SELECT * " * 2000 + "{ ?s ?p ?o }" + " }" * 2000,
    "nested optionals": "SELECT * { ?s ?p ?o " + "OPTIONAL { ?s ?p ?o " * 2000 + "}" * 2001,
    "nested exists": "ASK { " + "FILTER EXISTS { ?s ?p ?o " * 500 + "}" * 501,
    "signs": "SELECT (" + "!" * 300_000 + "1 AS ?x) {}",
    "a long sum": "SELECT * { FILTER(1 " + "+ 1" * 100_000 + ") }",
    "a thousand patterns": "SELECT * { "
    + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(1000))
    + " }",
    "a clique": "SELECT * { "
    + " ".join(f"?v{a} ?p{a}x{b} ?v{b} ." for a in range(7) for b in range(7) if a != b)
    + " }",
}
#: Statements that a listener on this machine would hear of besides; {} is its address.
FETCHING = {
    "FROM": "SELECT * FROM <{}> { ?s ?p ?o }",
    "FROM NAMED": "SELECT * FROM NAMED <{}> { GRAPH ?g { ?s ?p ?o } }",
    "GRAPH": "SELECT * { GRAPH <{}> { ?s ?p ?o } }",
    "LOAD": "LOAD <{}>",
    "LOAD SILENT": "LOAD SILENT <{}> INTO GRAPH <a:b>",
    "LOAD after a prologue": "PREFIX a: <{}> # SELECT\nLOAD a:",
    "INSERT": "INSERT { ?s ?p ?o } WHERE { SERVICE <{}> { ?s ?p ?o } }",
    "DESCRIBE": "DESCRIBE <{}>",
}
#: Queries that reach the network if they run; {} is the address.
DISGUISES = {
    "plain": "SELECT * { SERVICE <{}> { ?s ?p ?o } }",
    "small letters": "select * { service <{}> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <{}> { ?s ?p ?o } }",
    "optional": "SELECT * { OPTIONAL { SERVICE <{}> { ?s ?p ?o } } }",
    "exists": "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <{}> { ?a ?b ?c } } }",
    "not exists": "ASK { ?s ?p ?o FILTER NOT EXISTS { SERVICE <{}> { ?a ?b ?c } } }",
    "minus": "SELECT * { ?s ?p ?o MINUS { SERVICE <{}> { ?s ?b ?c } } }",
    "union": "SELECT * { { ?s ?p ?o } UNION { SERVICE <{}> { ?s ?p ?o } } }",
    "sub-select": "SELECT * { { SELECT ?s { SERVICE <{}> { ?s ?p ?o } } } }",
    "graph": "SELECT * { GRAPH ?g { ?a ?b ?c SERVICE <{}> { ?s ?p ?o } } }",
    "exists in select": "SELECT (EXISTS { SERVICE <{}> { ?s ?p ?o } } AS ?e) {}",
    "exists in bind": "SELECT * { BIND(EXISTS { SERVICE <{}> { ?s ?p ?o } } AS ?e) }",
    "exists in if": "SELECT * { BIND(IF(1 = 1, EXISTS { SERVICE <{}> { ?s ?p ?o } }, 2) AS ?e) }",
    "exists in order": "SELECT * { ?s ?p ?o } ORDER BY (EXISTS { SERVICE <{}> { ?a ?b ?c } })",
    "exists in having": """SELECT ?s { ?s ?p ?o } GROUP BY ?s
        HAVING (EXISTS { SERVICE <{}> { ?a ?b ?c } })""",
    "exists in group": """SELECT (COUNT(*) AS ?n) { ?s ?p ?o }
        GROUP BY (EXISTS { SERVICE <{}> { ?a ?b ?c } } AS ?e)""",
    "exists in aggregate": "SELECT (SUM(EXISTS { SERVICE <{}> { ?a ?b ?c } }) AS ?n) { ?s ?p ?o }",
    "variable": "SELECT * { BIND(<{}> AS ?v) SERVICE ?v { ?s ?p ?o } }",
    "values": "SELECT * { VALUES ?v { <{}> } SERVICE ?v { ?s ?p ?o } }",
    "prefixed name": "PREFIX x: <{}> SELECT * { SERVICE x: { ?s ?p ?o } }",
    "base": "BASE <{}> SELECT * { SERVICE <> { ?s ?p ?o } }",
    "nested": "SELECT * { SERVICE <{}> { SERVICE <{}> { ?s ?p ?o } } }",
    "no spaces": "SELECT*{SERVICE<{}>{?s?p?o}}",
    "comment inside": "SELECT * { SERVICE # <x>\n <{}> { ?s ?p ?o } }",
    "after a comment ended by CR": "SELECT * { # comment \r SERVICE <{}> { ?s ?p ?o }\n}",
    "construct": "CONSTRUCT { ?s ?p ?o } { SERVICE <{}> { ?s ?p ?o } }",
    "describe": "DESCRIBE ?s { SERVICE <{}> { ?s ?p ?o } }",
    "ask": "ASK { SERVICE <{}> { ?s ?p ?o } }",
    "less than": "SELECT * { ?a ?p ?o FILTER(1<2)SERVICE<{}>{?v ?b ?c} FILTER(3>2) }",
    "lexer": "SELECT * { ?s ?p ?a FILTER(?a<1)SERVICE$v#x>\n{?s ?p ?o} VALUES ?v { <{}> } }",
    "lexer with or": "SELECT * { BIND(<{}> AS ?v) FILTER(0<1)SERVICE?v#>\n{?s ?p ?o} }",
    "lateral": "SELECT * { ?s ?p ?o LATERAL { SERVICE <{}> { ?a ?b ?c } } }",
    "quotation marks in escapes": r"""SELECT * { FILTER("\u0022" != "x")
        SERVICE <{}> { ?s ?p ?o } FILTER("\u0022" != "y") }""",
    "escaped backslash": r"""SELECT * { FILTER("\\" != "x\\") SERVICE <{}> { ?s ?p ?o }
        FILTER("\\" != "y") }""",
    "comment with an escape": 'SELECT * { # \\u0022""" \n SERVICE <{}> { ?s ?p ?o } # """ \n }',
    "escaped line feed": "SELECT * { #\\u000A SERVICE <{}> { ?s ?p ?o }\n}",
    "escaped line feed and digits": (
        "PREFIX dead: <a:> SELECT * { #\\u000Adead:a dead:b ?c . SERVICE <{}> { ?s ?p ?o }\n}"
    ),
    "escaped keyword": "SELECT * { \\u0053ERVICE <{}> { ?s ?p ?o } }",
    "all letters escaped": (
        "SELECT * { \\u0073\\u0065\\u0072\\u0076\\u0069\\u0063\\u0065 <{}> { ?s ?p ?o } }"
    ),
    "long escape": "SELECT * { \\U00000053ERVICE <{}> { ?s ?p ?o } }",
    "escaped escape": r"""SELECT * { FILTER("\u005Cu0022 } #" != "") SERVICE <{}> { ?s ?p ?o }
        }""",
    "in a string before": """SELECT * { FILTER('''SERVICE''' != "") SERVICE <{}> { ?s ?p ?o } }""",
    "quotation marks of two kinds": """SELECT * { FILTER("'" != "") SERVICE <{}> { ?s ?p ?o }
        FILTER("'" != "") }""",
    "after a name like it": "PREFIX service: <a:> SELECT * { service:x ?p ?o . SERVICE <{}> {} }",
    "path": "SELECT * { ?s <a:b>*/<a:c> ?o SERVICE <{}> { ?s ?p ?o } }",
    "from": "SELECT * FROM <{}> { SERVICE <{}> { ?s ?p ?o } }",
    "triple term": "SELECT * { <<( ?a ?b ?c )>> ?p ?o . SERVICE <{}> { ?s ?p ?o } }",
}
