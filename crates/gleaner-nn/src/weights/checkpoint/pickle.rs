//! A reader of the pickles of state dicts, which calls nothing.
//!
//! A pickle is a program for a stack machine that can import and call any function. This machine knows the instructions
//! that plain data need, and of all functions the few that a state dict names; their results are plain values here.
//! Values refer to each other by index, so nothing is copied or visited recursively, however a hostile pickle nests
//! them. An instruction of one byte can make a value of a hundred, so the number of instructions is limited.

mod opcode;
mod value;

pub(super) use value::{Global, Id, Storage, Tensor, Value, Values};

use std::collections::HashMap;

/// Maximum number of instructions. A tensor of a state dict takes about 45, and the largest encoders have 1,000
/// tensors.
const MAX_INSTRUCTIONS: usize = 1 << 18;
/// Maximum length of the name of a module, class or function in bytes.
const LONGEST_NAME: usize = 256;

/// Reads the pickle at the start of `bytes`: its values, the result, and its length in bytes.
///
/// # Errors
/// The pickle is cut off or broken, or has an instruction or a function that is not part of a state dict.
pub(super) fn load(bytes: &[u8]) -> Result<(Values, Id, usize), String> {
    let mut machine = Machine { bytes, ..Machine::default() };
    for _ in 0..MAX_INSTRUCTIONS {
        let start = machine.at;
        match machine.step() {
            Ok(None) => {}
            Ok(Some(root)) => return Ok((machine.values, root, machine.at)),
            Err(what) => return Err(format!("{what} at byte {start} of the pickle")),
        }
    }
    Err(format!("more than {MAX_INSTRUCTIONS} instructions in a pickle"))
}

#[derive(Default)]
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Values,
    stack: Vec<Id>,
    /// The heights of the stack at marks.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

const CUT: &str = "the end is missing";
const STACK: &str = "a value is missing";

impl<'a> Machine<'a> {
    /// Executes one instruction. Returns the result of the pickle at its end.
    fn step(&mut self) -> Result<Option<Id>, String> {
        let code = self.take(1)?[0];
        match code {
            opcode::PROTO => match self.take(1)?[0] {
                2 => {}
                other => return Err(format!("protocol {other} instead of 2")),
            },
            opcode::STOP => return self.pop().map(Some),
            opcode::MARK => self.marks.push(self.stack.len()),
            opcode::NONE => self.push(Value::None),
            opcode::NEWTRUE => self.push(Value::Bool(true)),
            opcode::NEWFALSE => self.push(Value::Bool(false)),
            opcode::BININT => {
                let n = self.number(4)? as u32 as i32;
                self.push(Value::Int(n.into()));
            }
            opcode::BININT1 => self.int(1)?,
            opcode::BININT2 => self.int(2)?,
            opcode::LONG1 => self.long()?,
            opcode::BINUNICODE => self.text()?,
            opcode::EMPTY_TUPLE => self.push(Value::Tuple(Vec::new())),
            opcode::TUPLE1 => self.tuple(1)?,
            opcode::TUPLE2 => self.tuple(2)?,
            opcode::TUPLE3 => self.tuple(3)?,
            opcode::TUPLE => {
                let items = self.since_mark()?;
                self.push(Value::Tuple(items));
            }
            opcode::EMPTY_LIST => self.push(Value::List(Vec::new())),
            opcode::APPEND => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            opcode::APPENDS => {
                let items = self.since_mark()?;
                self.append(items)?;
            }
            opcode::EMPTY_DICT => self.push(Value::Dict(Vec::new())),
            opcode::SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set(vec![key, value])?;
            }
            opcode::SETITEMS => {
                let items = self.since_mark()?;
                self.set(items)?;
            }
            opcode::BINPUT => self.put(1)?,
            opcode::LONG_BINPUT => self.put(4)?,
            opcode::BINGET => self.get(1)?,
            opcode::LONG_BINGET => self.get(4)?,
            opcode::GLOBAL => {
                let (module, name) = (self.line()?, self.line()?);
                let global = Global::find(&module, &name).ok_or_else(|| {
                    format!("it refers to `{module}.{name}`, which is not part of a state dict,")
                })?;
                self.push(Value::Global(global));
            }
            opcode::BINPERSID => {
                let id = self.pop()?;
                let storage = self.values.storage(id)?;
                self.push(Value::Storage(storage));
            }
            opcode::REDUCE => {
                let arguments = self.pop()?;
                let function = self.pop()?;
                let value = self.values.call(function, arguments)?;
                self.push(value);
            }
            opcode::BUILD => {
                // The versions of modules (`_metadata`), an attribute of the dictionary.
                let state = self.pop()?;
                let object = *self.stack.last().ok_or(STACK)?;
                match (&self.values[object], &self.values[state]) {
                    (Value::Dict(_), Value::Dict(_)) => {}
                    _ => return Err("a state of something other than a dictionary".into()),
                }
            }
            other => {
                let name = opcode::name(other);
                return Err(format!("instruction {name}, which is not part of a state dict,"));
            }
        }
        Ok(None)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count).ok_or(CUT)?;
        let taken = self.bytes.get(self.at..end).ok_or(CUT)?;
        self.at = end;
        Ok(taken)
    }

    /// A little-endian number of at most 8 bytes.
    fn number(&mut self, bytes: usize) -> Result<u64, String> {
        let bytes = self.take(bytes)?;
        Ok(bytes.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    fn push(&mut self, value: Value) {
        let id = self.values.add(value);
        self.stack.push(id);
    }

    fn pop(&mut self) -> Result<Id, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(STACK.into());
        }
        self.stack.pop().ok_or_else(|| STACK.into())
    }

    /// Pops the values above the last mark.
    fn since_mark(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().ok_or("a mark is missing")?;
        Ok(self.stack.split_off(mark))
    }

    fn int(&mut self, bytes: usize) -> Result<(), String> {
        let n = self.number(bytes)?;
        self.push(Value::Int(n.into()));
        Ok(())
    }

    /// A number in two's complement of any length.
    fn long(&mut self) -> Result<(), String> {
        let length = self.number(1)? as usize;
        let bytes = self.take(length)?;
        if bytes.len() > 16 {
            return Err("a number of more than 16 bytes".into());
        }
        let fill = if bytes.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 };
        let mut wide = [fill; 16];
        wide[..bytes.len()].copy_from_slice(bytes);
        self.push(Value::Int(i128::from_le_bytes(wide)));
        Ok(())
    }

    fn text(&mut self) -> Result<(), String> {
        let length = self.number(4)? as usize;
        let text =
            String::from_utf8(self.take(length)?.to_vec()).map_err(|_| "text is not UTF-8")?;
        self.push(Value::Text(text));
        Ok(())
    }

    /// Text up to the end of the line.
    fn line(&mut self) -> Result<String, String> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take(LONGEST_NAME).position(|byte| *byte == b'\n').ok_or(
            if rest.len() < LONGEST_NAME { CUT } else { "the name of a function is too long" },
        )?;
        self.at += length + 1;
        String::from_utf8(rest[..length].to_vec()).map_err(|_| "a name is not UTF-8".into())
    }

    fn tuple(&mut self, count: usize) -> Result<(), String> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(self.pop()?);
        }
        items.reverse();
        self.push(Value::Tuple(items));
        Ok(())
    }

    fn append(&mut self, items: Vec<Id>) -> Result<(), String> {
        let list = *self.stack.last().ok_or(STACK)?;
        match self.values.get_mut(list) {
            Value::List(list) => list.extend(items),
            _ => return Err("items of something other than a list".into()),
        }
        Ok(())
    }

    fn set(&mut self, items: Vec<Id>) -> Result<(), String> {
        let dict = *self.stack.last().ok_or(STACK)?;
        let (pairs, []) = items.as_chunks::<2>() else {
            return Err("a key without a value".into());
        };
        match self.values.get_mut(dict) {
            Value::Dict(dict) => dict.extend(pairs.iter().map(|&[key, value]| (key, value))),
            _ => return Err("entries of something other than a dictionary".into()),
        }
        Ok(())
    }

    fn put(&mut self, bytes: usize) -> Result<(), String> {
        let index = self.number(bytes)? as u32;
        let value = *self.stack.last().ok_or(STACK)?;
        self.memo.insert(index, value);
        Ok(())
    }

    fn get(&mut self, bytes: usize) -> Result<(), String> {
        let index = self.number(bytes)? as u32;
        let value = *self.memo.get(&index).ok_or("a value that was not stored")?;
        self.stack.push(value);
        Ok(())
    }
}
