//! Memory for `Box`, `Vec` and `String`: blocks whose size is a power of two, given out again when they come back.
//!
//! The C library's allocator is twenty times as much code, and defends against bugs that safe code does not have. What
//! belongs here: this one allocator. Memory never goes back to the kernel: the process is gone soon, or stays as large as it
//! once needed to be.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};

/// The allocator of the program. Not of the unit tests, whose many threads would queue for it.
#[cfg(not(test))]
#[global_allocator]
static MEMORY: Memory = Memory::new(&raw mut START);

/// What is there without a system call; the kernel backs only what is touched. Enough for nearly all verbs.
#[cfg(not(test))]
static mut START: Chunk = Chunk([0; CHUNK]);

/// Memory is had from the kernel in pieces of this many bytes.
const CHUNK: usize = 256 * 1024;

/// Every block starts at a multiple of this many bytes, and has at least as many.
const UNIT: usize = 16;

/// Only ever used by address.
#[repr(align(16))]
struct Chunk(#[allow(dead_code)] [u8; CHUNK]);

struct Memory {
    busy: AtomicBool,
    blocks: UnsafeCell<Blocks>,
}

struct Blocks {
    /// What was never given out.
    next: *mut u8,
    left: usize,
    /// For each power of two the block of that size that came back last; its first bytes say which came back before it.
    free: [*mut u8; usize::BITS as usize],
}

// SAFETY: `blocks` is only used through `with`, by one thread at a time.
unsafe impl Sync for Memory {}

impl Memory {
    const fn new(start: *mut Chunk) -> Self {
        let blocks = Blocks { next: start.cast(), left: CHUNK, free: [ptr::null_mut(); usize::BITS as usize] };
        Self { busy: AtomicBool::new(false), blocks: UnsafeCell::new(blocks) }
    }

    /// Does `work` while no other thread does. This program has one thread, so that nobody ever waits.
    fn with<T>(&self, work: impl FnOnce(&mut Blocks) -> T) -> T {
        while self.busy.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        // SAFETY: `busy` was false and is now true, so that this is the only reference.
        let blocks = unsafe { &mut *self.blocks.get() };
        let result = work(blocks);
        self.busy.store(false, Ordering::Release);
        result
    }

    /// A block, and whether it never was another's before: then it holds zeros.
    fn block(&self, layout: Layout) -> (*mut u8, bool) {
        self.with(|blocks| {
            // Nothing here asks for such; should a library do: each is given out once.
            if layout.align() > UNIT {
                let block = blocks.fresh(layout.size() + layout.align());
                return (block.wrapping_add(block.align_offset(layout.align())), true);
            }
            let size = size_of_block(layout.size());
            match blocks.list(size) {
                Some(first) if !first.is_null() => {
                    let block = *first;
                    // SAFETY: a block that came back begins with the address of the one before it, written by `dealloc`.
                    *first = unsafe { *block.cast() };
                    (block, false)
                }
                _ => (blocks.fresh(size), true),
            }
        })
    }
}

impl Blocks {
    fn list(&mut self, size: usize) -> Option<&mut *mut u8> {
        self.free.get_mut(size.trailing_zeros() as usize)
    }

    /// Memory that was never given out; null when the kernel has none.
    fn fresh(&mut self, size: usize) -> *mut u8 {
        let size = size.next_multiple_of(UNIT);
        if size > self.left {
            let len = size.max(CHUNK);
            let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            // SAFETY: the kernel chooses a place where nothing is.
            let chunk = unsafe { libc::mmap(ptr::null_mut(), len, access, kind, -1, 0) };
            if chunk == libc::MAP_FAILED {
                return ptr::null_mut();
            }
            if size >= CHUNK {
                return chunk.cast();
            }
            (self.next, self.left) = (chunk.cast(), len);
        }
        let block = self.next;
        self.next = block.wrapping_add(size);
        self.left -= size;
        block
    }
}

fn size_of_block(size: usize) -> usize {
    size.max(UNIT).next_power_of_two()
}

// SAFETY: a block has at least the size and alignment asked for, and is nobody else's until it comes back. Sizes are at most
// `isize::MAX`, so that the next power of two, and a size and an alignment together, are numbers.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.block(layout).0
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let (block, zeroed) = self.block(layout);
        if !zeroed {
            // SAFETY: the block has at least this size and, having been another's before, is not null.
            unsafe { ptr::write_bytes(block, 0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.align() > UNIT {
            return;
        }
        self.with(|blocks| {
            if let Some(first) = blocks.list(size_of_block(layout.size())) {
                // SAFETY: a block has room for an address and is aligned for it, and nobody uses this one any more.
                unsafe { *block.cast() = *first };
                *first = block;
            }
        });
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() <= UNIT && size_of_block(size) == size_of_block(layout.size()) {
            return block;
        }
        // SAFETY: the caller vouches for `size` as for a layout's.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        let new = self.block(wanted).0;
        if !new.is_null() {
            // SAFETY: both are at least as long as the shorter, and two blocks do not overlap.
            unsafe { ptr::copy_nonoverlapping(block, new, size.min(layout.size())) };
            // SAFETY: the caller gives `block` back, with the layout it was had with.
            unsafe { self.dealloc(block, layout) };
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
    fn a_block_that_came_back_is_given_out_again_and_zeroed_when_asked() {
        let memory = memory();
        let layout = Layout::from_size_align(100, 8).unwrap();
        // SAFETY: used as documented, with a layout that is not empty.
        unsafe {
            let block = memory.alloc(layout);
            ptr::write_bytes(block, 7, 100);
            let other = memory.alloc(layout);
            assert_ne!(block, other);
            memory.dealloc(block, layout);
            memory.dealloc(other, layout);
            assert_eq!(memory.alloc(layout), other);
            let zeroed = memory.alloc_zeroed(layout);
            assert_eq!(zeroed, block);
            assert_eq!(std::slice::from_raw_parts(zeroed, 100), [0; 100]);
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
