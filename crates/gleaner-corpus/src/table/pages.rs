//! The pages of a column: levels, and values that may refer to a dictionary.

use std::borrow::Cow;

use super::budget::{self, Budget};
use super::bytes::{Bytes, Damaged, damaged};
use super::compression::unpacked;
use super::metadata::{Chunk, Codec, Column};
use super::runs::hybrid;
use super::thrift::Struct;
use super::values::Values;

/// Maximum number of values per byte of a page. The format has no such limit, but real pages stay far
/// below it, and a damaged count must not use up the memory.
const MAX_VALUES_PER_BYTE: usize = 1 << 16;

/// The contents of all pages of a column in a row group.
pub(super) struct Pages {
    /// 0 for the first element of a row, 1 for others.
    pub(super) repetitions: Vec<u32>,
    /// [`Column::value_level`] where there is a value.
    pub(super) definitions: Vec<u32>,
    /// As many as definitions of that level.
    pub(super) values: Values,
}

/// A data page whose levels and values are apart.
struct DataPage<'a> {
    repetitions: &'a [u8],
    definitions: &'a [u8],
    /// Numbers of levels.
    count: usize,
    encoding: i64,
    values: &'a [u8],
}

/// Reads the pages of a chunk whose column is a list of values.
pub(super) fn read(
    file: &[u8],
    column: &Column<'_>,
    chunk: &Chunk,
    budget: &mut Budget,
) -> Result<Pages, Damaged> {
    let end = chunk.start.saturating_add(chunk.length);
    let Some(bytes) = file.get(chunk.start..end) else {
        return damaged("a column is behind the end of the file");
    };
    let mut bytes = Bytes::new(bytes);
    let mut pages = Pages {
        repetitions: Vec::new(),
        definitions: Vec::new(),
        values: Values::none(column.value_type)?,
    };
    let mut dictionary = None;
    while pages.definitions.len() < chunk.values {
        let head = Struct::read(&mut bytes)?;
        let (kind, size, stored) = (head.int(1)?, head.size(2)?, bytes.take(head.size(3)?)?);
        match kind {
            0 => {
                let page = unpacked(chunk.codec, stored, size, budget)?;
                let page = first_version(head.part(5)?, &page)?;
                pages.add(column, &page, dictionary.as_ref(), budget)?;
            }
            2 => {
                let page = unpacked(chunk.codec, stored, size, budget)?;
                let (count, page) = (head.part(7)?.size(1)?, Bytes::new(&page));
                dictionary = Some(Values::plain(column.value_type, page, count, budget)?);
            }
            3 => {
                let (head, mut rest) = (head.part(8)?, Bytes::new(stored));
                let repetitions = rest.take(head.size(6)?)?;
                let definitions = rest.take(head.size(5)?)?;
                let codec = match head.optional_bool(7) {
                    Some(false) => Codec::None,
                    _ => chunk.codec,
                };
                let size = size.saturating_sub(repetitions.len() + definitions.len());
                let values = match rest.left() {
                    0 => Cow::default(), // a page of nulls
                    _ => unpacked(codec, rest.take_rest(), size, budget)?,
                };
                let (count, encoding) = (head.size(1)?, head.int(4)?);
                let page = DataPage { repetitions, definitions, count, encoding, values: &values };
                pages.add(column, &page, dictionary.as_ref(), budget)?;
            }
            _ => {} // an index, which is not needed
        }
    }
    Ok(pages)
}

/// A page of the first version, whose levels have their lengths before them.
fn first_version<'a>(head: &Struct<'_>, page: &'a [u8]) -> Result<DataPage<'a>, Damaged> {
    const RUNS: i64 = 3;
    if head.int(3)? != RUNS || head.int(4)? != RUNS {
        return damaged("its levels have an outdated encoding");
    }
    let mut rest = Bytes::new(page);
    let length = rest.u32()? as usize;
    let repetitions = rest.take(length)?;
    let length = rest.u32()? as usize;
    let definitions = rest.take(length)?;
    let (count, encoding) = (head.size(1)?, head.int(2)?);
    Ok(DataPage { repetitions, definitions, count, encoding, values: rest.take_rest() })
}

impl Pages {
    fn add(
        &mut self,
        column: &Column<'_>,
        page: &DataPage<'_>,
        dictionary: Option<&Values>,
        budget: &mut Budget,
    ) -> Result<(), Damaged> {
        let bytes = page.repetitions.len() + page.definitions.len() + page.values.len();
        if page.count > bytes.saturating_mul(MAX_VALUES_PER_BYTE) {
            return damaged(format!("a page of {bytes} bytes states {} values", page.count));
        }
        budget.take(page.count, budget::LEVELS)?;
        let repetitions = levels(page.repetitions, column.lists, page.count)?;
        let definitions = levels(page.definitions, column.value_level, page.count)?;
        let present = definitions.iter().filter(|&&level| level == column.value_level).count();
        self.repetitions.extend(repetitions);
        self.definitions.extend(definitions);
        let values = Bytes::new(page.values);
        self.values.extend(page.encoding, values, present, dictionary, budget)
    }
}

/// Levels from 0 to `highest`.
fn levels(bytes: &[u8], highest: u32, count: usize) -> Result<Vec<u32>, Damaged> {
    let width = u32::BITS - highest.leading_zeros();
    let levels = hybrid(Bytes::new(bytes), width, count)?;
    match levels.iter().all(|&level| level <= highest) {
        true => Ok(levels),
        false => damaged("a level is too high"),
    }
}
