//! What the program, tests, benches and fuzz targets of this package use besides the public API. **Not stable**: it
//! changes with every version. What another program needs from it should become part of the public API.

pub mod backup {
    pub use crate::backup::*;
}
pub mod chart {
    pub use crate::chart::*;
}
pub mod derive {
    pub use crate::derive::*;
}
pub mod export {
    pub use crate::export::*;
}
pub mod extract {
    pub use crate::extract::*;
}
pub mod files {
    pub use crate::files::*;
}
pub mod format {
    pub use crate::format::*;
}
pub mod import {
    pub use crate::import::*;
}
pub mod model {
    pub use crate::model::*;
}
pub mod reextract {
    pub use crate::reextract::*;
}
pub mod search {
    pub use crate::search::*;
}
pub mod source {
    pub use crate::source::*;
}
pub mod store {
    pub use crate::store::*;
}
pub mod verify {
    pub use crate::verify::*;
}
pub mod view {
    pub use crate::view::*;
}
