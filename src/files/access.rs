//! Access rights of written files: only users who may read the archive may read them.

use std::fs::{self, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

/// Who may read and write a file: its permission bits, and the group that they refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    mode: u32,
    group: u32,
}

impl Access {
    /// The metadata of a file.
    pub fn of(metadata: &Metadata) -> Self {
        Self { mode: metadata.mode() & 0o666, group: metadata.gid() }
    }

    /// The most bits that another file of this group may have. The owner, who made it, can always read and
    /// write it. For another group, the bits of the archive's group mean nothing: it gets the bits of
    /// everybody, and everybody loses what the archive's group is denied.
    fn most(self, group: u32) -> u32 {
        if group == self.group {
            return 0o600 | self.mode;
        }
        let common = (self.mode >> 3) & self.mode & 0o6;
        0o600 | common << 3 | common
    }

    /// The bits to create a file with, before the umask is applied.
    pub fn file_mode(self) -> u32 {
        0o600 | self.mode
    }

    /// Gives a file exactly the bits of the archive, whatever the umask was.
    pub fn grant(self, file: &File) -> io::Result<()> {
        let found = file.metadata()?;
        file.set_permissions(Permissions::from_mode(self.most(found.gid())))
    }

    /// Also gives a file to the archive's group, if the system allows that.
    pub(super) fn share(self, file: &File) {
        let Ok(found) = file.metadata() else { return };
        if found.gid() != self.group {
            let _ = std::os::unix::fs::fchown(file, None, Some(self.group));
        }
        if found.mode() & 0o777 != self.most(self.group) || found.gid() != self.group {
            let _ = self.grant(file);
        }
    }

    /// Removes bits from a file that the archive does not allow; returns whether there were any.
    pub fn narrow_file(self, file: &File) -> io::Result<bool> {
        let Some(mode) = self.narrowed(&file.metadata()?) else { return Ok(false) };
        file.set_permissions(Permissions::from_mode(mode))?;
        Ok(true)
    }

    /// The same for a path, which may be a folder.
    pub fn narrow(self, path: &Path) -> io::Result<()> {
        let found = path.symlink_metadata()?;
        match self.narrowed(&found) {
            Some(mode) if !found.is_symlink() => {
                fs::set_permissions(path, Permissions::from_mode(mode))
            }
            _ => Ok(()),
        }
    }

    fn narrowed(self, found: &Metadata) -> Option<u32> {
        let most = self.most(found.gid());
        let most = if found.is_dir() { searchable(most) } else { most };
        let mode = found.mode() & 0o7777;
        (mode & 0o777 & !most != 0).then_some(mode & (0o7000 | most))
    }

    /// Makes a folder, with its missing parents.
    pub fn make_folder(self, path: &Path) -> io::Result<()> {
        let mode = searchable(self.file_mode());
        fs::DirBuilder::new().recursive(true).mode(mode).create(path)?;
        self.narrow(path)
    }
}

/// Users who may read a folder may also search it.
fn searchable(mode: u32) -> u32 {
    mode | (mode & 0o444) >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_group_gains_access() {
        let most = |mode: u32, group: u32| Access { mode, group: 7 }.most(group);
        assert_eq!(most(0o600, 7), 0o600);
        assert_eq!(most(0o640, 7), 0o640);
        assert_eq!(most(0o640, 8), 0o600);
        assert_eq!(most(0o644, 8), 0o644);
        assert_eq!(most(0o664, 8), 0o644);
        // The archive's group is denied what others may do.
        assert_eq!(most(0o604, 7), 0o604);
        assert_eq!(most(0o604, 8), 0o600);
        // The writer needs the right to write.
        assert_eq!(most(0o440, 7), 0o640);
        assert_eq!(searchable(0o640), 0o750);
    }

    #[test]
    fn folders_are_made_and_narrowed() {
        let outer = tempfile::tempdir().unwrap();
        let found = fs::metadata(outer.path()).unwrap();
        let access = Access { mode: 0o600, group: found.gid() };
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        access.make_folder(&outer.path().join("a/b")).unwrap();
        assert_eq!(mode(&outer.path().join("a")), 0o700);
        assert_eq!(mode(&outer.path().join("a/b")), 0o700);
        let wide = outer.path().join("wide");
        fs::create_dir(&wide).unwrap();
        fs::set_permissions(&wide, Permissions::from_mode(0o1777)).unwrap();
        access.narrow(&wide).unwrap();
        assert_eq!(mode(&wide), 0o1700);
    }
}
