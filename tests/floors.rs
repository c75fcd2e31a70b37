//! Checks which modules of `src/` use which: each uses only modules of lower floors, and there are no
//! circles.
//!
//! The floors are read from the table in ARCHITECTURE.md: the order of its rows is the order of the floors,
//! and its third column lists what each may use. Inside a folder, files may use each other in any order, but
//! not in a circle.
//!
//! A use is any path that leads into a module, in a `use` or elsewhere, macros included. An imported name
//! counts as the place that it comes from, so that a re-export in `mod.rs` is a use of the file that defines
//! the item. Items defined in `mod.rs` itself belong to the folder as a whole: its files may use them, and
//! they may use the files. Code under `#[cfg(test)]` may use anything. Method calls are not seen: a file that
//! adds methods to a type of another file uses that file, whoever calls them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The names that lead to a module from the crate; empty for the crate itself.
type Module = Vec<String>;

/// A path in a file.
struct Mention {
    file: String,
    line: usize,
    module: Module,
    path: Vec<String>,
}

/// A use of one module by another.
struct Use {
    place: String,
    by: Module,
    of: Module,
}

#[derive(Default)]
struct Tree {
    modules: BTreeSet<Module>,
    /// Modules that are compiled only for tests.
    tests: BTreeSet<Module>,
    mentions: Vec<Mention>,
    /// The paths of the names that each module imports, as written.
    imports: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
}

impl Tree {
    /// The tree of some files, given by their paths in `src/` and their texts.
    fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut tree = Self::default();
        for (file, text) in files {
            let mut module: Module =
                file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            module.pop_if(|name| name == "mod");
            if module == ["lib"] || module == ["main"] {
                module.clear();
            }
            let tokens: TokenStream =
                text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
            tree.read(file, &module, tokens);
        }
        tree
    }

    fn read(&mut self, file: &str, module: &Module, tokens: TokenStream) {
        self.modules.insert(module.clone());
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.read_next(file, module, &tokens, at);
        }
    }

    /// Reads the item at a token, and returns where the next begins.
    fn read_next(&mut self, file: &str, module: &Module, tokens: &[TokenTree], at: usize) -> usize {
        match &tokens[at] {
            TokenTree::Punct(sign) if sign.as_char() == '#' => {
                let attribute = tokens.get(at + 1).map(ToString::to_string).unwrap_or_default();
                if is_for_tests(&attribute) { self.skip(module, tokens, at + 2) } else { at + 1 }
            }
            TokenTree::Ident(word) if word == "use" => {
                let end = (at..tokens.len()).find(|&end| is_sign(&tokens[end], ';'));
                let end = end.unwrap_or(tokens.len());
                let mut leaves = Vec::new();
                leaves_of(&tokens[at + 1..end], &[], &mut leaves);
                for (line, path, name) in leaves {
                    let imports = self.imports.entry(module.clone()).or_default();
                    imports.insert(name, path.clone());
                    self.mention(file, line, module, path);
                }
                end
            }
            TokenTree::Ident(word) if word == "mod" => {
                let [TokenTree::Ident(name), TokenTree::Group(inside), ..] = &tokens[at + 1..]
                else {
                    return at + 1;
                };
                self.read(file, &child(module, &name.to_string()), inside.stream());
                at + 3
            }
            TokenTree::Ident(_) if is_path(tokens, at) => {
                let (line, path, end) = path_of(tokens, at);
                self.mention(file, line, module, path);
                end
            }
            TokenTree::Group(group) => {
                self.read(file, module, group.stream());
                at + 1
            }
            _ => at + 1,
        }
    }

    fn mention(&mut self, file: &str, line: usize, module: &Module, path: Vec<String>) {
        self.mentions.push(Mention { file: file.to_owned(), line, module: module.clone(), path });
    }

    /// Skips code that is compiled only for tests; if that is a file, remembers it.
    fn skip(&mut self, module: &Module, tokens: &[TokenTree], from: usize) -> usize {
        let is_end = |token: &TokenTree| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            other => is_sign(other, ';') || is_sign(other, ','),
        };
        let end = (from..tokens.len()).find(|&at| is_end(&tokens[at])).unwrap_or(tokens.len() - 1);
        if let Some([keyword, name]) = tokens[from..end].last_chunk()
            && keyword.to_string() == "mod"
        {
            self.tests.insert(child(module, &name.to_string()));
        }
        end + 1
    }

    /// The module that a path leads to from a module; `None` for other crates.
    fn resolve(&self, from: &Module, path: &[String], imports: usize) -> Option<Module> {
        let mut rest = path.iter();
        let mut found = match rest.next()?.as_str() {
            "crate" => Module::new(),
            "self" => from.clone(),
            "super" => parent(from),
            name if self.modules.contains(&child(from, name)) => child(from, name),
            name => return self.resolve_import(from, name, rest.as_slice(), imports),
        };
        while let Some(name) = rest.next() {
            let inner = child(&found, name);
            match name.as_str() {
                "self" => {}
                "super" => found = parent(&found),
                _ if self.modules.contains(&inner) => found = inner,
                _ => {
                    let through = self.resolve_import(&found, name, rest.as_slice(), imports);
                    return through.or(Some(found));
                }
            }
        }
        Some(found)
    }

    /// The same for a path that begins with an imported name.
    fn resolve_import(
        &self,
        module: &Module,
        name: &str,
        rest: &[String],
        imports: usize,
    ) -> Option<Module> {
        // Modules can import names from each other endlessly.
        const MOST: usize = 8;
        let path = self.imports.get(module)?.get(name).filter(|_| imports < MOST)?;
        self.resolve(module, &[path.as_slice(), rest].concat(), imports + 1)
    }

    fn uses(&self) -> Vec<Use> {
        let is_test = |module: &Module| self.tests.iter().any(|test| module.starts_with(test));
        let mentions = self.mentions.iter().filter(|mention| !is_test(&mention.module));
        let uses = mentions.filter_map(|Mention { file, line, module, path }| {
            let of = self.resolve(module, path, 0)?;
            Some(Use { place: format!("src/{file}:{line}"), by: module.clone(), of })
        });
        uses.collect()
    }
}

fn child(module: &Module, name: &str) -> Module {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

fn parent(module: &Module) -> Module {
    module[..module.len().saturating_sub(1)].to_vec()
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == sign)
}

fn has_colons(tokens: &[TokenTree], at: usize) -> bool {
    tokens.get(at..at + 2).is_some_and(|pair| pair.iter().all(|token| is_sign(token, ':')))
}

/// `[cfg(test)]`, `[cfg(all(test, unix))]`, `[test]`.
fn is_for_tests(attribute: &str) -> bool {
    let mut words = attribute.split(|c: char| !c.is_alphanumeric() && c != '_');
    attribute == "[test]"
        || (attribute.starts_with("[cfg")
            && !attribute.contains("any")
            && !attribute.contains("not")
            && words.any(|word| word == "test"))
}

/// Whether a path of several names begins here.
fn is_path(tokens: &[TokenTree], at: usize) -> bool {
    has_colons(tokens, at + 1) && !(at >= 2 && has_colons(tokens, at - 2))
}

/// A path, with its line and its end.
fn path_of(tokens: &[TokenTree], at: usize) -> (usize, Vec<String>, usize) {
    let line = tokens[at].span().start().line;
    let (mut path, mut end) = (vec![tokens[at].to_string()], at + 1);
    while has_colons(tokens, end)
        && let Some(TokenTree::Ident(name)) = tokens.get(end + 2)
    {
        path.push(name.to_string());
        end += 3;
    }
    (line, path, end)
}

/// The imports of a `use`: lines, complete paths, and the imported names.
fn leaves_of(
    tokens: &[TokenTree],
    before: &[String],
    leaves: &mut Vec<(usize, Vec<String>, String)>,
) {
    for part in tokens.split(|token| is_sign(token, ',')) {
        let Some(first) = part.first() else { continue };
        let line = first.span().start().line;
        let (mut path, mut at) = (before.to_vec(), 0);
        if let TokenTree::Ident(_) = first {
            let (_, names, end) = path_of(part, 0);
            path.extend(names);
            at = end;
        }
        let rest = part[at..].iter().find(|token| !is_sign(token, ':'));
        match rest {
            Some(TokenTree::Group(group)) => {
                let inside: Vec<_> = group.stream().into_iter().collect();
                leaves_of(&inside, &path, leaves);
            }
            Some(star) if is_sign(star, '*') => leaves.push((line, path, "*".to_owned())),
            rest => {
                path.pop_if(|name| name == "self" && !before.is_empty());
                // The name after `as`.
                let given = rest.and(part.last()).map(ToString::to_string);
                let name = given.or_else(|| path.last().cloned()).unwrap_or_default();
                leaves.push((line, path, name));
            }
        }
    }
}

/// Which modules of a folder use which others, with the first place.
type Graph<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>;

/// The graph of each folder, by the names that lead to the folder. A use counts in the folder that contains
/// both sides.
fn graphs(uses: &[Use]) -> BTreeMap<&[String], Graph<'_>> {
    let mut graphs: BTreeMap<_, Graph<'_>> = BTreeMap::new();
    for Use { place, by, of } in uses {
        let common = by.iter().zip(of).take_while(|(by, of)| by == of).count();
        if let (Some(by_name), Some(of_name)) = (by.get(common), of.get(common)) {
            let graph = graphs.entry(&by[..common]).or_default();
            graph.entry(by_name).or_default().entry(of_name).or_insert(place);
        }
    }
    graphs
}

/// The shortest path from a file back to itself.
fn circle<'a>(graph: &Graph<'a>) -> Option<Vec<&'a str>> {
    let from = |start: &'a str| {
        let mut ways = VecDeque::from([vec![start]]);
        let mut met = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            for &next in graph.get(way[way.len() - 1]).into_iter().flat_map(BTreeMap::keys) {
                if next == start {
                    return Some(way);
                }
                if met.insert(next) {
                    ways.push_back([way.as_slice(), &[next]].concat());
                }
            }
        }
        None
    };
    graph.keys().filter_map(|&start| from(start)).min_by_key(Vec::len)
}

/// The shortest circle of each folder, since there are many where two meet.
fn circles(uses: &[Use]) -> Vec<String> {
    let mut found = Vec::new();
    for (folder, graph) in graphs(uses) {
        let folder = folder.iter().fold("src/".to_owned(), |path, name| path + name + "/");
        let circle = circle(&graph).unwrap_or_default();
        for (by, of) in circle.iter().zip(circle.iter().cycle().skip(1)) {
            let place = graph[by][of];
            found.push(format!("{place}: in {folder}, `{by}` uses `{of}`, in a circle"));
        }
    }
    found
}

/// A row of the table.
struct Row {
    floor: String,
    modules: Vec<String>,
    /// As written in the table.
    may_use: String,
}

/// The rows of the table of floors.
fn rows(page: &str) -> Vec<Row> {
    let table = page.split("| floor | modules | may use |").nth(1).expect("a table of floors");
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut floor = String::new();
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if !cells[1].is_empty() {
            floor = cells[1].to_owned();
        }
        Row {
            floor: floor.clone(),
            modules: cells[2].split(", ").map(name_in).collect(),
            may_use: cells[3].to_owned(),
        }
    });
    rows.collect()
}

/// `` `store/` `` as `store`, `` `diff.rs` `` as `diff`.
fn name_in(cell: &str) -> String {
    cell.trim_matches('`').trim_end_matches('/').trim_end_matches(".rs").to_owned()
}

/// The differences between the table and the files.
fn differences(page: &str, tree: &Tree) -> Vec<String> {
    let uses = tree.uses();
    let graph = graphs(&uses).remove(&[][..]).unwrap_or_default();
    let rows = rows(page);
    let mut found = Vec::new();
    let listed: Vec<&str> = rows.iter().flat_map(|row| &row.modules).map(String::as_str).collect();
    for module in tree.modules.iter().filter(|module| module.len() == 1) {
        let count = listed.iter().filter(|name| **name == module[0]).count();
        if count != 1 {
            found.push(format!("`{}` is in {count} rows of ARCHITECTURE.md's table", module[0]));
        }
    }
    let place_of = |name: &str| listed.iter().position(|listed| *listed == name);
    for row in &rows {
        let own: Vec<_> = row.modules.iter().filter_map(|name| graph.get(name.as_str())).collect();
        let mut allowed = row.modules.clone();
        for part in row.may_use.split(", ") {
            let floor = rows.iter().filter(|row| row.floor == part).flat_map(|row| &row.modules);
            let part_allows: Vec<String> = match part {
                "nothing of ours" | "the public API only" => continue,
                _ if part.starts_with('`') => vec![name_in(part)],
                _ => floor.cloned().collect(),
            };
            if !part_allows.iter().any(|name| own.iter().any(|of| of.contains_key(name.as_str()))) {
                let row = row.modules.join(", ");
                found.push(format!("the row of `{row}` allows {part}, and nothing there uses it"));
            }
            allowed.extend(part_allows);
        }
        for by in &row.modules {
            for (of, place) in graph.get(by.as_str()).into_iter().flatten() {
                let may_use = &row.may_use;
                if !allowed.iter().any(|name| name == of) {
                    found.push(format!(
                        "{place}: `{by}` uses `{of}`; its row in ARCHITECTURE.md allows: {may_use}"
                    ));
                } else if place_of(of) >= place_of(by) {
                    found.push(format!(
                        "{place}: `{by}` uses `{of}`, which has a later row in ARCHITECTURE.md's table: \
                         a row uses only modules of earlier rows"
                    ));
                }
            }
        }
    }
    found
}

/// All files of `src/`.
fn own_tree() -> Tree {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");
    let entries = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(Result::unwrap);
    let paths = entries.map(|entry| entry.into_path().into_os_string().into_string().unwrap());
    let read =
        |path: String| (path[root.len()..].to_owned(), std::fs::read_to_string(path).unwrap());
    let files: Vec<_> = paths.filter(|path| path.ends_with(".rs")).map(read).collect();
    Tree::of(files.iter().map(|(file, text)| (file.as_str(), text.as_str())))
}

#[test]
fn there_are_no_circles() {
    let found = circles(&own_tree().uses());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn modules_use_what_the_table_allows() {
    let page = include_str!("../ARCHITECTURE.md");
    let found = differences(page, &own_tree());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A use is found in all these spellings.
#[test]
fn a_use_is_found_however_it_is_spelled() {
    let uses = |text: &str| {
        let files = [
            ("lib.rs", "mod a; mod b; pub use b::Kind;"),
            ("a.rs", text),
            ("b/mod.rs", "mod inner; pub use inner::Deep; pub struct Kind;"),
            ("b/inner.rs", "pub struct Deep;"),
        ];
        let uses = Tree::of(files).uses();
        let of_a = uses.into_iter().filter(|one| one.by == ["a"] && one.of != ["a"]);
        of_a.map(|one| format!("{} {}", one.place, one.of.join("::"))).collect::<Vec<_>>()
    };
    for (text, expected) in [
        ("use crate::b::Kind;", "src/a.rs:1 b"),
        ("\nuse super::b::{\n self, Kind as Other};", "src/a.rs:3 b"),
        ("use crate::{Kind};", "src/a.rs:1 b"),
        ("use crate::b::Deep;", "src/a.rs:1 b::inner"),
        ("pub fn f(kind: crate::b::Deep) {}", "src/a.rs:1 b::inner"),
        ("fn f() { let kinds = vec![super::b::inner::Deep]; }", "src/a.rs:1 b::inner"),
        ("#[cfg(not(test))] use crate::b::Kind;", "src/a.rs:1 b"),
        ("#[cfg(test)] mod tests; use crate::b::*;", "src/a.rs:1 b"),
        ("#[cfg(test)] fn f() {} use crate::b::*;", "src/a.rs:1 b"),
    ] {
        assert!(uses(text).contains(&expected.to_owned()), "{text}: {:?}", uses(text));
    }
    for text in [
        "/// See [`crate::b::Kind`].\nfn f() { \"crate::b::Kind\"; }",
        "#[cfg(test)] mod tests { use crate::b::Kind; }",
        "#[cfg(test)]\nuse crate::b::Kind;",
        "use std::b::Kind;",
    ] {
        assert_eq!(uses(text), <[String; 0]>::default(), "{text}");
    }
}

#[test]
fn a_circle_is_found_where_it_is() {
    let files = [
        ("lib.rs", "mod a; mod f;"),
        ("a.rs", "use crate::f::Top;"),
        ("f/mod.rs", "mod x; mod y; mod z; #[cfg(test)] mod t; pub use z::Last; pub struct Top;"),
        ("f/x.rs", "use super::{Top, y};"),
        ("f/y.rs", "fn f() {\n super::Last::f() }"),
        ("f/z.rs", "use crate::f::x::Any;"),
        ("f/t.rs", "use crate::a; use super::x;"),
    ];
    assert_eq!(
        circles(&Tree::of(files).uses()),
        [
            "src/f/x.rs:1: in src/f/, `x` uses `y`, in a circle",
            "src/f/y.rs:2: in src/f/, `y` uses `z`, in a circle",
            "src/f/z.rs:1: in src/f/, `z` uses `x`, in a circle",
        ]
    );
    let files = files.map(|(file, text)| (file, if file == "f/z.rs" { "" } else { text }));
    assert_eq!(circles(&Tree::of(files).uses()), <[String; 0]>::default());
}

#[test]
fn differences_from_the_table_are_found() {
    let page = "| floor | modules | may use | owns |\n| --- | --- | --- | --- |\n\
        | ground | `a/`, `b.rs` | nothing of ours | |\n\
        | | `c/` | `b.rs`, `d.rs` | |\n\
        | first | `d.rs` | ground | |\n";
    let files = [
        ("a.rs", "use crate::b::B;"),
        ("b.rs", ""),
        ("c/mod.rs", "use crate::d::D;"),
        ("c/e.rs", "use crate::a::A;"),
        ("d.rs", "use crate::a::A;"),
        ("g.rs", ""),
    ];
    assert_eq!(
        differences(page, &Tree::of(files)),
        [
            "`g` is in 0 rows of ARCHITECTURE.md's table",
            "src/a.rs:1: `a` uses `b`, which has a later row in ARCHITECTURE.md's table: a row uses \
             only modules of earlier rows",
            "the row of `c` allows `b.rs`, and nothing there uses it",
            "src/c/e.rs:1: `c` uses `a`; its row in ARCHITECTURE.md allows: `b.rs`, `d.rs`",
            "src/c/mod.rs:1: `c` uses `d`, which has a later row in ARCHITECTURE.md's table: a \
             row uses only modules of earlier rows",
        ]
    );
}
