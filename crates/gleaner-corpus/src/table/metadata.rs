//! The footer of a parquet file: its columns, and where their pages are.

use super::bytes::{Bytes, Damaged, damaged};
use super::thrift::Struct;

/// The bytes at both ends of a file.
const MAGIC: &[u8] = b"PAR1";

/// What a footer states.
pub(super) struct Metadata<'a> {
    /// The columns with values, in the file's order.
    pub(super) columns: Vec<Column<'a>>,
    pub(super) row_groups: Vec<RowGroup>,
    /// Text that the writer attached, by key.
    pub(super) attached: Vec<(&'a str, &'a str)>,
}

/// A column of values, which may be inside lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column<'a> {
    /// Its names from the outermost one on.
    pub(super) path: Vec<&'a str>,
    pub(super) value_type: ValueType,
    /// The definition level of a value.
    pub(super) value_level: u32,
    /// How many lists are around a value.
    pub(super) lists: u32,
    /// The definition level of an innermost list that is empty. Below it, the list is null; between
    /// it and `value_level`, the value is.
    pub(super) empty_level: u32,
}

/// How a value is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    Int32,
    Int64,
    Bytes,
    /// A type that neither words nor tags have.
    Other(&'static str),
}

/// A part of the rows with all columns.
pub(super) struct RowGroup {
    pub(super) rows: usize,
    /// In the order of [`Metadata::columns`].
    pub(super) chunks: Vec<Chunk>,
}

/// The values of a column in a row group.
pub(super) struct Chunk {
    pub(super) codec: Codec,
    /// Values and nulls, as many as levels.
    pub(super) values: usize,
    /// Position of the first page in the file.
    pub(super) start: usize,
    /// Bytes of all pages.
    pub(super) length: usize,
}

/// How pages are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Snappy,
    Gzip,
    Brotli,
    Zstd,
    /// Blocks of LZ4 with their sizes before them, as Hadoop writes them; older writers leave out the sizes.
    Lz4Sized,
    /// A block of LZ4.
    Lz4,
    /// One that is not supported.
    Other(&'static str),
}

/// Reads the footer.
pub(super) fn read(file: &[u8]) -> Result<Metadata<'_>, Damaged> {
    let Some((body, tail)) = file.split_last_chunk::<8>() else {
        return damaged(format!("it has only {} bytes", file.len()));
    };
    if &tail[4..] == b"PARE" {
        return damaged("it is encrypted");
    }
    if &tail[4..] != MAGIC {
        return damaged(
            "it does not end with the mark PAR1, so it is cut short or of another format",
        );
    }
    let length = Bytes::new(tail).u32()? as usize;
    let Some(start) = body.len().checked_sub(length) else {
        return damaged("its metadata is longer than the file");
    };
    let footer = Struct::read(&mut Bytes::new(&body[start..]))?;
    let columns = columns(&footer.parts(2)?)?;
    let groups = footer.parts(4)?.into_iter().map(|group| row_group(group, columns.len()));
    let attached = footer.parts(5)?.into_iter();
    let attached =
        attached.filter_map(|pair| Some((pair.optional_text(1)?, pair.optional_text(2)?)));
    Ok(Metadata {
        row_groups: groups.collect::<Result<_, _>>()?,
        attached: attached.collect(),
        columns,
    })
}

/// The columns of a schema, which is a tree in depth-first order.
fn columns<'a>(elements: &[&Struct<'a>]) -> Result<Vec<Column<'a>>, Damaged> {
    /// A group whose children follow.
    struct Group<'a> {
        children: usize,
        path: Vec<&'a str>,
        level: u32,
        lists: u32,
        empty_level: u32,
    }
    let Some((root, elements)) = elements.split_first() else {
        return damaged("its metadata has no schema");
    };
    let top = Group { children: root.size(5)?, path: vec![], level: 0, lists: 0, empty_level: 0 };
    let mut open = vec![top];
    let mut columns = Vec::new();
    for element in elements {
        while open.pop_if(|group| group.children == 0).is_some() {}
        let Some(parent) = open.last_mut() else {
            return damaged("its schema has more elements than it states");
        };
        parent.children -= 1;
        let mut path = parent.path.clone();
        path.push(element.optional_text(4).map_or_else(|| damaged("a column has no name"), Ok)?);
        if path.len() > 64 {
            return damaged("its columns are nested too deeply");
        }
        let (mut level, mut lists, mut empty_level) =
            (parent.level, parent.lists, parent.empty_level);
        match element.optional_int(3) {
            Some(1) => level += 1,
            Some(2) => {
                (lists, empty_level) = (lists + 1, level);
                level += 1;
            }
            _ => {}
        }
        match element.optional_int(5) {
            Some(1..) => {
                open.push(Group { children: element.size(5)?, path, level, lists, empty_level })
            }
            _ => {
                let value_type = value_type(element.int(1)?);
                columns.push(Column { path, value_type, value_level: level, lists, empty_level });
            }
        }
    }
    match open.iter().all(|group| group.children == 0) {
        true => Ok(columns),
        false => damaged("its schema has fewer elements than it states"),
    }
}

fn value_type(number: i64) -> ValueType {
    match number {
        1 => ValueType::Int32,
        2 => ValueType::Int64,
        6 => ValueType::Bytes,
        0 => ValueType::Other("truth values"),
        4 | 5 => ValueType::Other("floating-point numbers"),
        _ => ValueType::Other("another type"),
    }
}

fn row_group(group: &Struct<'_>, columns: usize) -> Result<RowGroup, Damaged> {
    let chunks: Vec<Chunk> = group.parts(1)?.into_iter().map(chunk).collect::<Result<_, _>>()?;
    if chunks.len() != columns {
        return damaged(format!("a row group has {} of {columns} columns", chunks.len()));
    }
    Ok(RowGroup { rows: group.size(3)?, chunks })
}

fn chunk(chunk: &Struct<'_>) -> Result<Chunk, Damaged> {
    let stated = chunk.part(3)?;
    let codec = match stated.int(4)? {
        0 => Codec::None,
        1 => Codec::Snappy,
        2 => Codec::Gzip,
        3 => Codec::Other("LZO"),
        4 => Codec::Brotli,
        5 => Codec::Lz4Sized,
        6 => Codec::Zstd,
        7 => Codec::Lz4,
        _ => Codec::Other("an unknown codec"),
    };
    let mut start = stated.size(9)?;
    // Some writers state 0 where there is no dictionary.
    if let Some(dictionary @ 1..) = stated.optional_int(11) {
        start = start.min(dictionary as usize);
    }
    Ok(Chunk { codec, values: stated.size(5)?, start, length: stated.size(7)? })
}
