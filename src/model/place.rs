//! The place where a file was read, inside a container too.

use std::fmt;

/// Where a file was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Absolute; bytes that are not UTF-8 are escaped as `\xNN`.
    pub path: String,
    /// The entry inside a container: a name in an archive, `line 3`, a commit with a path.
    /// `None` for a plain file.
    pub member: Option<String>,
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
    fn a_member_stands_behind_its_container() {
        let place = |member: Option<&str>| {
            let member = member.map(str::to_owned);
            Place { path: "/drop/a.zip".into(), member }.to_string()
        };
        assert_eq!(place(None), "/drop/a.zip");
        assert_eq!(place(Some("b/c.md")), "/drop/a.zip : b/c.md");
    }
}
