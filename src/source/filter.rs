//! Which files of an import are asked for, by their names.

use glob::{MatchOptions, Pattern};
use serde_json::json;
use std::sync::Arc;

const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// Which files of an import are asked for: by default all; otherwise those whose path matches one of the included
/// patterns, if there are any, and none of the excluded ones. What is left out is no file of the import.
///
/// A pattern is one as in `.gitignore`. `*`, `?` and `[a-z]` stand for characters within a name, and `**` for any
/// number of folders. A pattern without a slash matches names at any depth (`*.jpg`), one with a slash the path
/// from the named folder on (`drafts/*.md`), and one that ends in a slash only folders. What is in a folder that
/// matches, matches too. A container is a folder of its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportFilter {
    include: Vec<Glob>,
    exclude: Vec<Glob>,
}

/// Why a pattern is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{pattern}\" is not a pattern of names: {problem}")]
#[non_exhaustive]
pub struct MalformedGlob {
    /// As it was given.
    pub pattern: String,
    /// What is wrong.
    pub problem: String,
}

impl ImportFilter {
    /// Asks for what matches this pattern, or another included one.
    pub fn include(mut self, pattern: &str) -> Result<Self, MalformedGlob> {
        self.include.push(Glob::new(pattern)?);
        Ok(self)
    }

    /// Leaves out what matches this pattern, even if it is included.
    pub fn exclude(mut self, pattern: &str) -> Result<Self, MalformedGlob> {
        self.exclude.push(Glob::new(pattern)?);
        Ok(self)
    }

    /// Whether everything is asked for.
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Whether nothing in a folder with this path is asked for.
    pub(in crate::source) fn excludes_folder(&self, path: &str) -> bool {
        let names = names(path);
        self.exclude.iter().any(|glob| glob.matches(&names, true))
    }

    fn excludes(&self, names: &[&str]) -> bool {
        self.exclude.iter().any(|glob| glob.matches(names, false))
    }

    fn includes(&self, names: &[&str]) -> bool {
        self.include.is_empty() || self.include.iter().any(|glob| glob.matches(names, false))
    }
}

/// A path is the names in it. Archives may begin theirs with `./` or `/`.
fn names(path: &str) -> Vec<&str> {
    path.split('/').filter(|name| !name.is_empty() && *name != ".").collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Glob {
    /// As it was given.
    text: String,
    pattern: Pattern,
    /// Whether it is compared with whole paths, not with single names.
    is_of_path: bool,
    is_of_folders: bool,
}

impl Glob {
    fn new(text: &str) -> Result<Self, MalformedGlob> {
        let wrong =
            |problem: &str| MalformedGlob { pattern: text.to_owned(), problem: problem.to_owned() };
        if text.starts_with('!') {
            return Err(wrong(
                "it begins with !; there is an option to include, and one to exclude",
            ));
        }
        let path = text.trim_end_matches('/');
        let pattern = path.trim_start_matches('/');
        if pattern.is_empty() {
            return Err(wrong("it is empty"));
        }
        Ok(Self {
            text: text.to_owned(),
            is_of_path: path.contains('/'),
            is_of_folders: text.ends_with('/'),
            pattern: Pattern::new(pattern).map_err(|error| wrong(error.msg))?,
        })
    }

    /// Whether it matches a path or a folder above it.
    fn matches(&self, names: &[&str], is_folder: bool) -> bool {
        (1..=names.len()).any(|end| {
            let is_folder = is_folder || end < names.len();
            let matches = |text: &str| self.pattern.matches_with(text, OPTIONS);
            (is_folder || !self.is_of_folders)
                && if self.is_of_path {
                    matches(&names[..end].join("/"))
                } else {
                    matches(names[end - 1])
                }
        })
    }
}

/// What is asked for of one file or repository: all of it, unless there is a filter.
#[derive(Debug, Clone, Default)]
pub struct Asked(Option<Box<ByName>>);

#[derive(Debug, Clone)]
struct ByName {
    filter: Arc<ImportFilter>,
    /// The path of the file below the named folder; empty for a repository and a stream.
    path: String,
    is_included: bool,
}

impl Asked {
    /// Of the file with this path below the named folder; `None` if nothing of it is.
    pub(in crate::source) fn of_file(filter: &Arc<ImportFilter>, path: &str) -> Option<Self> {
        let names = names(path);
        if filter.excludes(&names) {
            return None;
        }
        let is_included = filter.includes(&names);
        let (filter, path) = (Arc::clone(filter), path.to_owned());
        Some(Self(Some(Box::new(ByName { filter, path, is_included }))))
    }

    /// Of what has no name itself, and has files: a repository, or an archive in a stream.
    pub fn of_all(filter: &ImportFilter) -> Self {
        let by_name =
            || ByName { filter: Arc::new(filter.clone()), path: String::new(), is_included: true };
        Self((!filter.is_empty()).then(|| Box::new(by_name())))
    }

    /// Whether the file itself is asked for; if not, files in it may be.
    pub fn is_itself(&self) -> bool {
        self.0.as_ref().is_none_or(|by_name| by_name.is_included)
    }

    /// Whether the file with this name in it is asked for.
    pub fn has(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|by_name| {
            let mut path = names(&by_name.path);
            path.extend(names(name));
            !by_name.filter.excludes(&path) && by_name.filter.includes(&path)
        })
    }

    /// The filter, as it is remembered with what was read under it: empty, or a JSON object with a key for each
    /// kind of condition. The order of the patterns means nothing. The path is part of it, since patterns are
    /// compared with it.
    pub fn remembered(&self) -> String {
        let Some(by_name) = &self.0 else { return String::new() };
        let mut filter = serde_json::Map::new();
        for (key, globs) in
            [("include", &by_name.filter.include), ("exclude", &by_name.filter.exclude)]
        {
            let mut texts: Vec<&str> = globs.iter().map(|glob| glob.text.as_str()).collect();
            texts.sort_unstable();
            texts.dedup();
            if !texts.is_empty() {
                filter.insert(key.into(), json!(texts));
            }
        }
        if !by_name.path.is_empty() {
            filter.insert("path".into(), json!(by_name.path));
        }
        serde_json::Value::from(filter).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, matching: &[&str], others: &[&str]) {
        let glob = Glob::new(pattern).unwrap();
        for (paths, expected) in [(matching, true), (others, false)] {
            for path in paths {
                assert_eq!(glob.matches(&names(path), false), expected, "{pattern} {path}");
            }
        }
    }

    #[test]
    fn patterns_are_those_of_gitignore() {
        check("*.jpg", &["a.jpg", "x/y/a.jpg", ".jpg", "x.jpg/a.md"], &["a.jpeg", "a.JPG"]);
        check("drafts", &["drafts", "x/drafts/a.md"], &["drafts2/a.md"]);
        check("drafts/", &["drafts/a.md", "x/drafts/y/a.md"], &["drafts", "x/drafts"]);
        check("/a.md", &["a.md"], &["x/a.md"]);
        check("x/*.md", &["x/a.md"], &["x/y/a.md", "y/x/a.md"]);
        check("x/", &["x/a.md", "y/x/a.md"], &["x"]);
        check("/x/", &["x/a.md"], &["y/x/a.md"]);
        check("**/x/*.md", &["x/a.md", "y/x/a.md"], &["x/y/a.md"]);
        check("x/**", &["x/a.md", "x/y/a.md"], &["y/x/a.md"]);
        check("x/**/a.md", &["x/a.md", "x/y/z/a.md"], &["a.md"]);
        check("20[12]?-*", &["2019-a", "202x-雨"], &["2039-a", "2019"]);
        check("雨?.md", &["雨夜.md"], &["雨.md"]);
        check("[*].md", &["*.md"], &["a.md"]);
        check("a.md", &["./a.md", "/a.md", "x//a.md"], &[]);
    }

    #[test]
    fn malformed_patterns() {
        for pattern in ["", "/", "[a", "a**", "x/***/y", "!a"] {
            let error = Glob::new(pattern).unwrap_err();
            assert_eq!(error.pattern, pattern);
            assert!(!error.problem.is_empty());
        }
    }

    fn filter(include: &[&str], exclude: &[&str]) -> Arc<ImportFilter> {
        let mut filter = ImportFilter::default();
        for pattern in include {
            filter = filter.include(pattern).unwrap();
        }
        for pattern in exclude {
            filter = filter.exclude(pattern).unwrap();
        }
        Arc::new(filter)
    }

    #[test]
    fn a_container_is_a_folder_of_its_files() {
        let is_asked = |filter: &Arc<ImportFilter>, file: &str, name: &str| {
            Asked::of_file(filter, file).map(|asked| (asked.is_itself(), asked.has(name)))
        };
        let only = filter(&["*.md"], &[]);
        assert_eq!(is_asked(&only, "a.md", ""), Some((true, true)));
        assert_eq!(is_asked(&only, "x/a.tar", "y/b.md"), Some((false, true)));
        assert_eq!(is_asked(&only, "x/a.tar", "y/b.txt"), Some((false, false)));
        let all_of_it = filter(&["x/a.tar"], &["*.jpg", "/x/a.tar/y/"]);
        assert_eq!(is_asked(&all_of_it, "x/a.tar", "b.txt"), Some((true, true)));
        assert_eq!(is_asked(&all_of_it, "x/a.tar", "b.jpg"), Some((true, false)));
        assert_eq!(is_asked(&all_of_it, "x/a.tar", "y/b.txt"), Some((true, false)));
        assert_eq!(is_asked(&all_of_it, "x/a.jpg", "b.txt"), None);
        let asked = Asked::default();
        assert!(asked.is_itself() && asked.has("x") && asked.remembered().is_empty());
    }

    #[test]
    fn a_filter_is_remembered_with_the_path() {
        let remembered = |include: &[&str], exclude: &[&str], path: &str| {
            Asked::of_file(&filter(include, exclude), path).unwrap().remembered()
        };
        assert_eq!(
            remembered(&["b", "a", "b"], &["*.jpg"], "x/a.tar"),
            r#"{"include":["a","b"],"exclude":["*.jpg"],"path":"x/a.tar"}"#
        );
        assert_eq!(remembered(&["a"], &[], "a"), r#"{"include":["a"],"path":"a"}"#);
        assert_eq!(Asked::of_all(&filter(&[], &["a"])).remembered(), r#"{"exclude":["a"]}"#);
        assert_eq!(Asked::of_all(&ImportFilter::default()).remembered(), "");
    }
}
