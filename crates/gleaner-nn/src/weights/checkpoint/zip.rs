//! The entries of an uncompressed zip archive (PKWARE APPNOTE 4.3, with the zip64 records that PyTorch writes).

use std::{collections::BTreeMap, ops::Range};

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
/// Bytes of the last record without its comment, whose length is stored in two bytes.
const END_LENGTH: usize = 22;
const CENTRAL_LENGTH: usize = 46;
const LOCAL_LENGTH: usize = 30;
const LOCATOR_LENGTH: usize = 20;
/// Stands for a number that is in a zip64 record instead.
const ELSEWHERE: u64 = 0xffff_ffff;
const BROKEN: &str = "the zip archive is cut off or broken";
/// Maximum number of entries. PyTorch writes one for each tensor and a few more.
const MAX_ENTRIES: u64 = 1 << 16;

/// Names of the files in an archive, and the places of their bytes in it.
///
/// # Errors
/// The archive is broken, or a file in it is compressed or encrypted, which PyTorch does not do.
pub(super) fn entries(archive: &[u8]) -> Result<BTreeMap<String, Range<usize>>, String> {
    let (count, mut at) = directory(archive).ok_or(BROKEN)?;
    if count > MAX_ENTRIES {
        return Err(format!("the zip archive has {count} entries, more than {MAX_ENTRIES}"));
    }
    let mut entries = BTreeMap::new();
    for _ in 0..count {
        let (entry, next) = Entry::read(archive, at).ok_or(BROKEN)?;
        if entry.is_encrypted || entry.method != 0 {
            return Err(format!(
                "`{}` in the zip archive is compressed or encrypted",
                entry.name.escape_debug()
            ));
        }
        let place = entry.place(archive).ok_or(BROKEN)?;
        if entries.insert(entry.name.clone(), place).is_some() {
            return Err(format!("`{}` occurs twice in the zip archive", entry.name.escape_debug()));
        }
        at = next;
    }
    Ok(entries)
}

/// The number of entries, and the start of their list.
fn directory(archive: &[u8]) -> Option<(u64, usize)> {
    let last = archive.len().checked_sub(END_LENGTH)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let end = (first..=last).rev().find(|&at| {
        let comment = number(archive, at + 20, 2).map(|n| n as usize);
        archive[at..].starts_with(END) && comment == Some(last - at)
    })?;
    let count = number(archive, end + 10, 2)?;
    let start = number(archive, end + 16, 4)?;
    if count != 0xffff && start != ELSEWHERE {
        return Some((count, usize::try_from(start).ok()?));
    }
    let locator = end.checked_sub(LOCATOR_LENGTH)?;
    let record = signed(archive, locator, LOCATOR_64)
        .then(|| number(archive, locator + 8, 8))?
        .and_then(|at| usize::try_from(at).ok())?;
    if !signed(archive, record, END_64) {
        return None;
    }
    let count = number(archive, record.checked_add(32)?, 8)?;
    let start = number(archive, record.checked_add(48)?, 8)?;
    Some((count, usize::try_from(start).ok()?))
}

/// An entry of the list at the end of an archive.
struct Entry {
    name: String,
    method: u64,
    is_encrypted: bool,
    length: usize,
    header: usize,
}

impl Entry {
    /// The entry at `at`, and the start of the next one.
    fn read(archive: &[u8], at: usize) -> Option<(Self, usize)> {
        if !signed(archive, at, CENTRAL) {
            return None;
        }
        let field = |offset: usize, bytes| number(archive, at.checked_add(offset)?, bytes);
        let [name, extra, comment] = [28, 30, 32].map(|offset| field(offset, 2));
        let (name, extra) = (name? as usize, extra? as usize);
        let name_at = at + CENTRAL_LENGTH;
        let extra_at = name_at + name;
        let next = extra_at + extra + comment? as usize;
        let name = String::from_utf8(archive.get(name_at..extra_at)?.to_vec()).ok()?;
        let mut sizes = [field(24, 4)?, field(20, 4)?, field(42, 4)?];
        widen(&mut sizes, archive.get(extra_at..extra_at + extra)?)?;
        let [length, stored, header] = sizes;
        let entry = Self {
            name,
            method: field(10, 2)?,
            is_encrypted: field(8, 2)? & 1 == 1,
            length: usize::try_from(stored).ok()?,
            header: usize::try_from(header).ok()?,
        };
        (entry.method != 0 || length == stored).then_some((entry, next))
    }

    /// The place of the entry's bytes.
    fn place(&self, archive: &[u8]) -> Option<Range<usize>> {
        if !signed(archive, self.header, LOCAL) {
            return None;
        }
        let [name, extra] = [26, 28].map(|offset| number(archive, self.header + offset, 2));
        let start = self.header + LOCAL_LENGTH + name? as usize + extra? as usize;
        let end = start.checked_add(self.length)?;
        (end <= archive.len()).then_some(start..end)
    }
}

/// Replaces the numbers that are stored elsewhere by those of the zip64 field among the extra fields.
fn widen(sizes: &mut [u64; 3], mut extra: &[u8]) -> Option<()> {
    if !sizes.contains(&ELSEWHERE) {
        return Some(());
    }
    loop {
        let (kind, length) = (number(extra, 0, 2)?, number(extra, 2, 2)? as usize);
        let field = extra.get(4..4 + length)?;
        if kind == 1 {
            let mut at = 0;
            for size in sizes.iter_mut().filter(|size| **size == ELSEWHERE) {
                *size = number(field, at, 8)?;
                at += 8;
            }
            return Some(());
        }
        extra = &extra[4 + length..];
    }
}

fn signed(archive: &[u8], at: usize, signature: &[u8]) -> bool {
    archive.get(at..).is_some_and(|rest| rest.starts_with(signature))
}

/// The little-endian number in `bytes` (at most 8) bytes from `at` on.
fn number(archive: &[u8], at: usize, bytes: usize) -> Option<u64> {
    let field = archive.get(at..at.checked_add(bytes)?)?;
    Some(field.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}
