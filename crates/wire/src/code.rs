//! Wire codes that stay open: known numbers have names, unknown ones are kept and printed in hex.

/// Declares a code: a newtype over its wire integer, constants for the known values, and a name.
macro_rules! open_code {
    (
        $(#[$doc:meta])*
        $name:ident($int:ty) { $( $(#[$value_doc:meta])* $constant:ident = $value:expr, $text:expr; )* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $int);

        impl $name {
            $( $(#[$value_doc])* pub const $constant: Self = Self($value); )*

            /// The registered name; `None` for a number without one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $( $value => Some($text), )*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => write!(f, "{:#06x}", self.0),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self}")
            }
        }
    };
}

pub(crate) use open_code;
