//! Who may read what is written: nobody who may not read the archive.

use std::fs::{self, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

/// Who may read and write a file: its permission bits, which mean a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    mode: u32,
    group: u32,
}

impl Access {
    pub fn of(metadata: &Metadata) -> Self {
        Self { mode: metadata.mode() & 0o666, group: metadata.gid() }
    }

    /// The most bits that another file of this group may have. The owner, who made it, can always
    /// read and write it. To another group the archive's group means nothing: it gets what everybody
    /// has, and everybody what the archive's group has not been denied.
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

    /// Gives a file exactly the archive's bits, whatever the umask was.
    pub fn grant(self, file: &File) -> io::Result<()> {
        let found = file.metadata()?;
        file.set_permissions(Permissions::from_mode(self.most(found.gid())))
    }

    /// Gives a file to the archive's group too, if the system lets us.
    pub(super) fn share(self, file: &File) {
        let Ok(found) = file.metadata() else { return };
        if found.gid() != self.group {
            let _ = std::os::unix::fs::fchown(file, None, Some(self.group));
        }
        if found.mode() & 0o777 != self.most(self.group) || found.gid() != self.group {
            let _ = self.grant(file);
        }
    }

    /// Takes from a file what the archive does not allow; says whether that was anything.
    pub fn narrow_file(self, file: &File) -> io::Result<bool> {
        let Some(mode) = self.narrowed(&file.metadata()?) else { return Ok(false) };
        file.set_permissions(Permissions::from_mode(mode))?;
        Ok(true)
    }

    /// The same for a path, of a folder too.
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

    /// Makes a folder, and those that it is to be in.
    pub fn make_folder(self, path: &Path) -> io::Result<()> {
        let mode = searchable(self.file_mode());
        fs::DirBuilder::new().recursive(true).mode(mode).create(path)?;
        self.narrow(path)
    }
}

/// Who may read a folder may search it.
fn searchable(mode: u32) -> u32 {
    mode | (mode & 0o444) >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gains() {
        let most = |mode: u32, group: u32| Access { mode, group: 7 }.most(group);
        assert_eq!(most(0o600, 7), 0o600);
        assert_eq!(most(0o640, 7), 0o640);
        assert_eq!(most(0o640, 8), 0o600);
        assert_eq!(most(0o644, 8), 0o644);
        assert_eq!(most(0o664, 8), 0o644);
        // The archive's group is denied what others may.
        assert_eq!(most(0o604, 7), 0o604);
        assert_eq!(most(0o604, 8), 0o600);
        // The one who writes must be able to.
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
