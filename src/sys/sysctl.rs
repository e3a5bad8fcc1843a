//! Kernel parameters of the current network namespace, as files below `/proc/sys`.

use std::os::fd::AsFd;

use rustix::fs::OFlags;

use super::{Errno, file, procfs};

/// Reads the parameter at `path`, such as `net/ipv4/ip_forward`, without its newline.
pub fn read(path: &str) -> Result<String, Errno> {
    let fd = procfs::open_file(&format!("sys/{path}"), OFlags::RDONLY)?;
    let bytes = file::read_to_end(fd.as_fd())?;
    Ok(String::from_utf8_lossy(&bytes).trim_ascii_end().to_owned())
}

/// Makes the parameter at `path` be `value`. Reads it first: a read-only `/proc/sys` that is already right is no error.
pub fn ensure(path: &str, value: &str) -> Result<(), Errno> {
    if read(path)? == value {
        return Ok(());
    }
    let fd = procfs::open_file(&format!("sys/{path}"), OFlags::WRONLY)?;
    rustix::io::write(&fd, value.as_bytes())?;
    Ok(())
}
