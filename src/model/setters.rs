//! Methods that set the fields of options.

/// Gives a type a method for each field that is named, with what the field then is: other crates cannot
/// write as a literal what may have more fields one day.
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
