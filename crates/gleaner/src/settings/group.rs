//! Declares a group of settings from one list of keys.
//!
//! A key of the list becomes a field of the group, a field of the group's overrides, a key of
//! settings files, a command-line option and a method of the builder, so none of them can lack a
//! key that another has.

/// A key's name in files: the field's name with hyphens.
pub(super) const fn hyphenated<const N: usize>(name: &str) -> [u8; N] {
    let name = name.as_bytes();
    let mut key = [0; N];
    let mut at = 0;
    while at < N {
        key[at] = if name[at] == b'_' { b'-' } else { name[at] };
        at += 1;
    }
    key
}

/// The name in files of a field.
macro_rules! key {
    ($field:ident) => {{
        const BYTES: [u8; stringify!($field).len()] =
            $crate::settings::group::hyphenated(stringify!($field));
        const KEY: &str = match std::str::from_utf8(&BYTES) {
            Ok(key) => key,
            Err(_) => panic!("an identifier is UTF-8"),
        };
        KEY
    }};
}

/// Declares `Group`, and `Overrides` of it, of which each value may be absent.
///
/// A line of the list is `kind key: Type => (attributes of the option)`. The kinds:
///
/// - `plain`: the field has the type;
/// - `optional`: the field is an `Option` of the type;
/// - `path`: as `optional`, and the builder takes everything that is `Into<PathBuf>`;
/// - `paths`: as `plain`, and the builder takes every sequence of paths;
/// - `corpora`: as `plain`, and the builder takes every sequence of paths and of corpora with options of their own;
/// - `text`: as `plain`, and the builder takes everything that is `Into<String>`.
macro_rules! group {
    (
        $(#[$doc:meta])*
        $Group:ident, $Overrides:ident, $group:ident {
            $($(#[$key_doc:meta])* $kind:ident $key:ident: $type:ty => ($($option:tt)+),)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub struct $Group {
            $($(#[$key_doc])* pub $key: group!(@field $kind $type),)+
        }

        #[doc = concat!("The values of [`", stringify!($Group), "`] that one layer of settings gives.")]
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
        #[cfg_attr(feature = "clap", derive(clap::Args))]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub struct $Overrides {
            $(
                $(#[$key_doc])*
                #[cfg_attr(feature = "clap", arg($($option)+))]
                pub $key: Option<$type>,
            )+
        }

        impl $Overrides {
            /// The keys of the group, as files have them.
            pub(super) const KEYS: &[&str] = &[$(key!($key)),+];

            /// Reads the value of `key` if the group has the key; says whether it has.
            pub(super) fn read<'de, M: serde::de::MapAccess<'de>>(
                &mut self,
                key: &str,
                map: &mut M,
            ) -> Result<bool, M::Error> {
                $(
                    if key == key!($key) {
                        self.$key = map.next_value()?;
                        return Ok(true);
                    }
                )+
                Ok(false)
            }

            /// Puts the values that are given into `group`.
            pub(super) fn apply(&self, group: &mut $Group) {
                $(
                    if let Some(value) = self.$key.clone() {
                        group.$key = group!(@value $kind value);
                    }
                )+
            }
        }

        #[doc = concat!("Builder methods of [`", stringify!($Group), "`].")]
        impl crate::Overrides {
            $(
                #[doc = concat!("Sets [`", stringify!($Group), "::", stringify!($key), "`].")]
                #[must_use]
                pub fn $key(mut self, value: group!(@argument $kind $type)) -> Self {
                    self.$group.$key = Some(group!(@given $kind value));
                    self
                }
            )+
        }
    };

    (@field optional $type:ty) => { Option<$type> };
    (@field path $type:ty) => { Option<$type> };
    (@field $kind:ident $type:ty) => { $type };

    (@value optional $value:ident) => { Some($value) };
    (@value path $value:ident) => { Some($value) };
    (@value $kind:ident $value:ident) => { $value };

    (@argument path $type:ty) => { impl Into<$type> };
    (@argument text $type:ty) => { impl Into<$type> };
    (@argument paths $type:ty) => { impl IntoIterator<Item = impl Into<std::path::PathBuf>> };
    (@argument corpora $type:ty) => { impl IntoIterator<Item = impl Into<$crate::CorpusPath>> };
    (@argument $kind:ident $type:ty) => { $type };

    (@given path $value:ident) => { $value.into() };
    (@given text $value:ident) => { $value.into() };
    (@given paths $value:ident) => { $value.into_iter().map(Into::into).collect() };
    (@given corpora $value:ident) => { $value.into_iter().map(Into::into).collect() };
    (@given $kind:ident $value:ident) => { $value };
}
