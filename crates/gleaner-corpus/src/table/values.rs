//! The values of a page: plain, as positions in a dictionary, or as differences.

use super::budget::{self, Budget};
use super::bytes::{Bytes, Damaged, damaged};
use super::delta;
use super::metadata::ValueType;
use super::runs::hybrid;

/// Values of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    Int32(Vec<i64>),
    Int64(Vec<i64>),
    Texts(Vec<String>),
}

impl Values {
    /// No values of a type.
    pub(super) fn none(value_type: ValueType) -> Result<Self, Damaged> {
        match value_type {
            ValueType::Int32 => Ok(Self::Int32(Vec::new())),
            ValueType::Int64 => Ok(Self::Int64(Vec::new())),
            ValueType::Bytes => Ok(Self::Texts(Vec::new())),
            ValueType::Other(name) => damaged(format!("a column holds {name}")),
        }
    }

    /// `count` values one after the other, each as it is.
    pub(super) fn plain(
        value_type: ValueType,
        bytes: Bytes<'_>,
        count: usize,
        budget: &mut Budget,
    ) -> Result<Self, Damaged> {
        let mut values = Self::none(value_type)?;
        values.extend_plain(bytes, count, budget)?;
        Ok(values)
    }

    /// Adds `count` values from a page.
    pub(super) fn extend(
        &mut self,
        encoding: i64,
        mut bytes: Bytes<'_>,
        count: usize,
        dictionary: Option<&Self>,
        budget: &mut Budget,
    ) -> Result<(), Damaged> {
        match (encoding, self) {
            (0, values) => values.extend_plain(bytes, count, budget),
            (2 | 8, values) => {
                if count == 0 {
                    return Ok(());
                }
                let width = u32::from(bytes.byte()?);
                let positions = hybrid(bytes, width, count)?;
                let Some(dictionary) = dictionary else {
                    return damaged("the dictionary of a page is missing");
                };
                values.extend_from(dictionary, &positions, budget)
            }
            (5, Self::Int32(values)) => {
                budget.take(count, budget::NUMBER)?;
                // Differences wrap around at 32 bits.
                let wrapped = delta::numbers(&mut bytes, count)?.into_iter();
                values.extend(wrapped.map(|value| i64::from(value as i32)));
                Ok(())
            }
            (5, Self::Int64(values)) => {
                budget.take(count, budget::NUMBER)?;
                values.extend(delta::numbers(&mut bytes, count)?);
                Ok(())
            }
            (6, Self::Texts(texts)) => {
                for length in delta::lengths(&mut bytes, count)? {
                    texts.push(text(bytes.take(length)?, budget)?);
                }
                Ok(())
            }
            (7, Self::Texts(texts)) => {
                let shared = delta::lengths(&mut bytes, count)?;
                let lengths = delta::lengths(&mut bytes, count)?;
                let mut last: Vec<u8> = Vec::new();
                for (shared, length) in shared.into_iter().zip(lengths) {
                    if shared > last.len() {
                        return damaged("a word shares more than there is with the word before");
                    }
                    last.truncate(shared);
                    last.extend_from_slice(bytes.take(length)?);
                    texts.push(text(&last, budget)?);
                }
                Ok(())
            }
            (other, _) => damaged(format!("encoding {other} is not supported")),
        }
    }

    fn extend_plain(
        &mut self,
        mut bytes: Bytes<'_>,
        count: usize,
        budget: &mut Budget,
    ) -> Result<(), Damaged> {
        match self {
            Self::Int32(values) => {
                for _ in 0..count {
                    budget.take(1, budget::NUMBER)?;
                    values.push(i64::from(bytes.u32()? as i32));
                }
            }
            Self::Int64(values) => {
                for _ in 0..count {
                    budget.take(1, budget::NUMBER)?;
                    values.push(bytes.u64()? as i64);
                }
            }
            Self::Texts(texts) => {
                for _ in 0..count {
                    let length = bytes.u32()? as usize;
                    texts.push(text(bytes.take(length)?, budget)?);
                }
            }
        }
        Ok(())
    }

    fn extend_from(
        &mut self,
        dictionary: &Self,
        positions: &[u32],
        budget: &mut Budget,
    ) -> Result<(), Damaged> {
        match (self, dictionary) {
            (Self::Int32(values), Self::Int32(words))
            | (Self::Int64(values), Self::Int64(words)) => {
                budget.take(positions.len(), budget::NUMBER)?;
                pick(values, words, positions, |_| Ok(()))
            }
            (Self::Texts(values), Self::Texts(words)) => {
                pick(values, words, positions, |word| budget.take(1, budget::TEXT + word.len()))
            }
            _ => damaged("a dictionary holds another type than its column"),
        }
    }
}

/// Adds the entries of a dictionary at some positions. `pay` takes the memory of each from the budget.
fn pick<T: Clone>(
    values: &mut Vec<T>,
    words: &[T],
    positions: &[u32],
    mut pay: impl FnMut(&T) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    for &position in positions {
        let Some(word) = words.get(position as usize) else {
            return damaged(format!("no entry {position} in a dictionary of {}", words.len()));
        };
        pay(word)?;
        values.push(word.clone());
    }
    Ok(())
}

fn text(bytes: &[u8], budget: &mut Budget) -> Result<String, Damaged> {
    budget.take(1, budget::TEXT + bytes.len())?;
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => damaged("a text is not UTF-8"),
    }
}
