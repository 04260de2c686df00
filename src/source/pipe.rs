//! A pipe: bytes as they come, without a thread between them and whoever works on them.
//!
//! In: an open pipe, terminal or file. Out: what is there, as soon as something is. It waits for bytes, for somebody who
//! asks to stop, and no longer than it is told; a writer that is faster than the reader waits, nothing is lost.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::arrival::{Arrivals, Came};

/// Bytes that are read at once, and that the system keeps for us where it can: a writer need not wait for each of them.
const READ: usize = 256 << 10;

/// A pipe that is read.
#[derive(Debug)]
pub struct Pipe {
    input: File,
    stop: PipeReader,
    buffer: Vec<u8>,
}

/// Asks a [`Pipe`] to stop, from another thread.
#[derive(Debug)]
pub struct Stop(PipeWriter);

impl Stop {
    /// Whoever waits for the pipe hears of it at once.
    pub fn ask(&mut self) {
        let _ = self.0.write_all(b"!");
    }
}

impl Pipe {
    /// Reads from this file.
    ///
    /// # Errors
    /// When the system has no file descriptor left.
    pub fn new(input: File) -> io::Result<(Pipe, Stop)> {
        let (stop, asked) = io::pipe()?;
        // No pipe, or one that may not grow: it is read all the same.
        let _ = rustix::pipe::fcntl_setpipe_size(&input, READ);
        Ok((Pipe { input, stop, buffer: vec![0; READ] }, Stop(asked)))
    }
}

impl Arrivals for Pipe {
    fn next(&mut self, into: &mut Vec<u8>, wait: Option<Duration>) -> Came {
        loop {
            let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
            let mut sources = [PollFd::new(&self.input, PollFlags::IN), PollFd::new(&self.stop, PollFlags::IN)];
            match poll(&mut sources, wait.as_ref()) {
                Ok(0) => return Came::Nothing,
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(err) => return Came::Failed(err.into()),
            }
            let [input, stop] = sources;
            if !stop.revents().is_empty() {
                return Came::End;
            }
            if input.revents().is_empty() {
                continue;
            }
            match self.input.read(&mut self.buffer) {
                Ok(0) => return Came::End,
                Ok(read) => {
                    into.extend_from_slice(self.buffer.get(..read).unwrap_or_default());
                    return Came::Bytes(read);
                }
                Err(err) if matches!(err.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
                Err(err) => return Came::Failed(err),
            }
        }
    }
}

/// Standard input, without the buffer that the standard library puts before it.
///
/// # Errors
/// When it is closed.
pub fn standard_input() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_when_they_are_there_and_the_end_is_told() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (mut pipe, _stop) = Pipe::new(File::from(std::os::fd::OwnedFd::from(reader))).unwrap();
        let mut bytes = b"a".to_vec();
        assert!(matches!(pipe.next(&mut bytes, Some(Duration::ZERO)), Came::Nothing));
        writer.write_all(b"bc").unwrap();
        assert!(matches!(pipe.next(&mut bytes, None), Came::Bytes(2)));
        drop(writer);
        assert!(matches!(pipe.next(&mut bytes, None), Came::End));
        assert_eq!(bytes, b"abc");
    }

    #[test]
    fn a_stop_is_heard_while_nothing_comes() {
        let (reader, _writer) = io::pipe().unwrap();
        let (mut pipe, mut stop) = Pipe::new(File::from(std::os::fd::OwnedFd::from(reader))).unwrap();
        let asked = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            stop.ask();
        });
        assert!(matches!(pipe.next(&mut Vec::new(), None), Came::End));
        asked.join().unwrap();
    }
}
