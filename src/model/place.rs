use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a file was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Absolute; bytes that are not UTF-8 are escaped as `\xNN`.
    pub path: String,
    /// The entry inside a container: a name in an archive, `line 3`, a commit with a path.
    /// `None` for a plain file.
    #[serde(default)]
    pub member: Option<String>,
}

impl Place {
    /// A plain file.
    pub fn of_file(path: impl Into<String>) -> Self {
        Self { path: path.into(), member: None }
    }

    /// The place of an entry in the container at this place.
    pub fn entry(&self, name: String) -> Self {
        Self { path: self.path.clone(), member: Some(name) }
    }
}

/// `/drop/a.md`, `/drop/a.zip : b/c.md`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match &self.member {
            Some(member) => write!(f, " : {member}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_member_is_printed_after_its_container() {
        let archive = Place::of_file("/drop/a.zip");
        assert_eq!(archive.to_string(), "/drop/a.zip");
        assert_eq!(archive.entry("b/c.md".into()).to_string(), "/drop/a.zip : b/c.md");
    }
}
