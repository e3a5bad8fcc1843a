//! Memory for `Box`, `Vec` and `String`: one block behind the other, and none ever comes back.
//!
//! The process is gone in milliseconds, and the kernel takes all of it back at once. What nobody gives back needs no lists
//! here and no code there, which would be every twentieth byte of the program. The verbs that may run for long (`ping`) want
//! no memory in their loops. What belongs here: this one allocator.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};

/// The allocator of the program. Not of the unit tests, whose many threads would queue for it.
#[cfg(not(test))]
#[global_allocator]
static MEMORY: Memory = Memory::new(&raw mut START);

/// What is there without a system call; the kernel backs only what is touched. Enough for nearly all verbs.
#[cfg(not(test))]
static mut START: Chunk = Chunk([0; CHUNK]);

/// Memory is had from the kernel in pieces of this many bytes.
const CHUNK: usize = 256 * 1024;

/// Only ever used by address.
#[repr(align(16))]
struct Chunk(#[allow(dead_code)] [u8; CHUNK]);

struct Memory {
    busy: AtomicBool,
    rest: UnsafeCell<Rest>,
}

/// What was never given out: it holds zeros.
struct Rest {
    next: *mut u8,
    left: usize,
}

// SAFETY: `rest` is only used through `with`, by one thread at a time.
unsafe impl Sync for Memory {}

impl Memory {
    const fn new(start: *mut Chunk) -> Self {
        Self { busy: AtomicBool::new(false), rest: UnsafeCell::new(Rest { next: start.cast(), left: CHUNK }) }
    }

    /// Does `work` while no other thread does. This program has one thread, so that nobody ever waits.
    fn with<T>(&self, work: impl FnOnce(&mut Rest) -> T) -> T {
        while self.busy.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        // SAFETY: `busy` was false and is now true, so that this is the only reference.
        let rest = unsafe { &mut *self.rest.get() };
        let result = work(rest);
        self.busy.store(false, Ordering::Release);
        result
    }
}

impl Rest {
    /// A block of zeros that was never given out; null when the kernel has none.
    fn block(&mut self, layout: Layout) -> *mut u8 {
        // At most `isize::MAX` each, so that they are a number together.
        if layout.size() + layout.align() > self.left {
            let len = (layout.size() + layout.align()).max(CHUNK);
            let access = ProtFlags::READ | ProtFlags::WRITE;
            // SAFETY: the kernel chooses a place where nothing is.
            let Ok(chunk) = (unsafe { mmap_anonymous(ptr::null_mut(), len, access, MapFlags::PRIVATE) }) else {
                return ptr::null_mut();
            };
            (self.next, self.left) = (chunk.cast(), len);
        }
        let skipped = self.next.addr().wrapping_neg() & (layout.align() - 1);
        let block = self.next.wrapping_add(skipped);
        self.next = block.wrapping_add(layout.size());
        self.left -= skipped + layout.size();
        block
    }

    /// Makes a block of `old` bytes one of `new` where it is; only the last one can be.
    fn resize(&mut self, block: *mut u8, old: usize, new: usize) -> bool {
        let more = new.saturating_sub(old);
        let last = block.wrapping_add(old) == self.next && more <= self.left;
        if last && more > 0 {
            self.next = self.next.wrapping_add(more);
            self.left -= more;
        }
        last || more == 0
    }
}

// SAFETY: a block has at least the size and the alignment asked for, and is nobody else's.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.with(|rest| rest.block(layout))
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's, who asks for the same.
        unsafe { self.alloc(layout) }
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if self.with(|rest| rest.resize(block, layout.size(), size)) {
            return block;
        }
        // SAFETY: the caller vouches for `size` as for a layout's.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        let new = self.with(|rest| rest.block(wanted));
        if !new.is_null() {
            // SAFETY: the new block is the longer one, and two blocks do not overlap.
            unsafe { ptr::copy_nonoverlapping(block, new, layout.size()) };
        }
        new
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::multiple_unsafe_ops_per_block)]
#[allow(clippy::large_stack_arrays)]
mod tests {
    use super::*;

    fn memory() -> Memory {
        Memory::new(Box::leak(Box::new(Chunk([0; CHUNK]))))
    }

    #[test]
    fn a_block_that_came_back_is_not_given_out_again() {
        let memory = memory();
        let layout = Layout::from_size_align(100, 8).unwrap();
        // SAFETY: used as documented, with a layout that is not empty.
        unsafe {
            let block = memory.alloc(layout);
            ptr::write_bytes(block, 7, 100);
            memory.dealloc(block, layout);
            let zeroed = memory.alloc_zeroed(layout);
            assert_ne!(zeroed, block);
            assert_eq!(std::slice::from_raw_parts(zeroed, 100), [0; 100]);
        }
    }

    #[test]
    fn the_last_block_grows_where_it_is() {
        let memory = memory();
        // SAFETY: used as documented: each block is given back with the layout it was had with.
        unsafe {
            let layout = Layout::from_size_align(10, 1).unwrap();
            let first = memory.alloc(layout);
            assert_eq!(memory.realloc(first, layout, 20), first);
            let second = memory.alloc(layout);
            assert_eq!(second, first.add(20));
            let moved = memory.realloc(first, Layout::from_size_align(20, 1).unwrap(), 30);
            assert_eq!(moved, second.add(10));
            assert_eq!(memory.realloc(second, layout, 5), second);
            assert_eq!(memory.alloc(layout), moved.add(30));
        }
    }

    #[test]
    fn growing_keeps_the_contents_beyond_any_chunk() {
        let memory = memory();
        // SAFETY: used as documented: each block is given back with the layout it was had with.
        unsafe {
            let mut layout = Layout::from_size_align(1, 1).unwrap();
            let mut block = memory.alloc(layout);
            *block = 42;
            while layout.size() < 3 * CHUNK {
                let size = layout.size() * 3;
                block = memory.realloc(block, layout, size);
                layout = Layout::from_size_align(size, 1).unwrap();
                *block.add(size - 1) = 1;
                assert_eq!(*block, 42);
            }
        }
    }

    #[test]
    fn blocks_are_aligned_and_do_not_overlap() {
        let memory = memory();
        let mut seen: Vec<(usize, usize)> = Vec::new();
        for step in 1..2000_usize {
            let layout = Layout::from_size_align(step * 37 % 3000 + 1, 1 << (step % 8)).unwrap();
            // SAFETY: the layout is not empty.
            let block = unsafe { memory.alloc(layout) };
            assert_eq!(block.align_offset(layout.align()), 0);
            let (start, end) = (block.addr(), block.addr() + layout.size());
            assert!(seen.iter().all(|(from, to)| end <= *from || start >= *to), "step {step}");
            seen.push((start, end));
        }
    }
}
