//! Methods that set the fields of options.

/// Gives a type a setter `with_…` for each listed field: other crates cannot write types with future fields as
/// literals.
macro_rules! setters {
    ($options:ty { $($setter:ident($field:ident: $type:ty) => $value:expr),+ $(,)? }) => {
        impl $options {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $setter(mut self, $field: $type) -> Self {
                    self.$field = $value;
                    self
                }
            )+
        }
    };
}
pub(crate) use setters;
