//! Words: types with a fixed list of values, written in the same way in columns, JSON and exports.

use std::fmt::Debug;
use std::str::FromStr;

/// A type whose values are each written as one word. `words!` declares all of them.
pub trait Word: Copy + Eq + Debug + FromStr<Err = UnknownWord> + 'static {
    /// Every value, in the order of the declaration.
    const ALL: &'static [Self];

    /// As it is written.
    fn as_str(self) -> &'static str;
}

/// A word that a type does not have: from a newer version, or damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this version knows no {kind} \"{word}\"")]
pub struct UnknownWord {
    /// The name of the type.
    pub kind: &'static str,
    /// What was read.
    pub word: String,
}

/// Declares a [`Word`] type: its values, and how each is written.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $word:literal),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(
                $(#[$variant_doc])*
                #[doc = concat!("\n\nWritten as `", $word, "`.")]
                $variant,
            )+
        }

        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// As stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl $crate::model::Word for $name {
            const ALL: &'static [Self] = &Self::ALL;

            fn as_str(self) -> &'static str {
                Self::as_str(self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::model::UnknownWord {
                        kind: stringify!($name),
                        word: word.to_owned(),
                    }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        $crate::model::as_text!($name);
    };
}
pub(crate) use words;

/// Makes the JSON form of a type the text that it displays as.
macro_rules! as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use as_text;

#[cfg(test)]
mod tests {
    words!(
        /// A colour.
        Colour {
            Red => "red",
            /// The colour of the sky.
            Blue => "sky_blue",
        }
    );

    #[test]
    fn a_word_is_read_as_written() {
        for colour in Colour::ALL {
            assert_eq!(colour.as_str().parse(), Ok(colour));
            let json = serde_json::to_string(&colour).unwrap();
            assert_eq!(serde_json::from_str::<Colour>(&json).unwrap(), colour);
        }
        assert_eq!(format!("{:>5}|{}", Colour::Red, Colour::Blue), "  red|sky_blue");
    }

    #[test]
    fn an_unknown_word_is_named() {
        let said = "this version knows no Colour \"Red\"";
        assert_eq!("Red".parse::<Colour>().unwrap_err().to_string(), said);
        assert!(serde_json::from_str::<Colour>("\"Red\"").unwrap_err().to_string().contains(said));
    }
}
