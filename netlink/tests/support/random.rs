//! A small deterministic source of random values, so that a failure can be repeated: the seed is the case's number.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// splitmix64.
    pub fn u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Any value, with the edges of the range more often than their share.
    pub fn u32(&mut self) -> u32 {
        match self.below(8) {
            0 => 0,
            1 => u32::MAX,
            2 => 1 << self.below(32),
            3 => u32::try_from(self.below(256)).unwrap(),
            _ => u32::try_from(self.u64() >> 32).unwrap(),
        }
    }

    pub fn u8(&mut self) -> u8 {
        u8::try_from(self.u64() >> 56).unwrap()
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.u64() % u64::try_from(limit).unwrap()).unwrap()
    }

    pub fn chance(&mut self) -> bool {
        self.u64() & 1 == 1
    }

    pub fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance().then(|| value(self))
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn bytes(&mut self, max: usize) -> Vec<u8> {
        let len = self.below(max + 1);
        (0..len).map(|_| self.u8()).collect()
    }

    pub fn mac(&mut self) -> [u8; 6] {
        std::array::from_fn(|_| self.u8())
    }

    pub fn v4(&mut self) -> Ipv4Addr {
        Ipv4Addr::from(self.u32())
    }

    pub fn v6(&mut self) -> Ipv6Addr {
        Ipv6Addr::from((u128::from(self.u64()) << 64) | u128::from(self.u64()))
    }

    pub fn ip(&mut self) -> IpAddr {
        if self.chance() { self.v4().into() } else { self.v6().into() }
    }

    /// 1 to 15 bytes, as the kernel takes them: no slash, no space, neither `.` nor `..`.
    pub fn name(&mut self) -> String {
        let len = 1 + self.below(15);
        let mut name: String = (0..len).map(|_| char::from(self.pick(b"abcxyzABC0189-_@%+"))).collect();
        if len < 14 && self.below(4) == 0 {
            name.push('ü');
        }
        name
    }

    /// 0 to 255 bytes of text without NUL.
    pub fn alias(&mut self) -> String {
        let len = self.below(200);
        let mut alias: String = (0..len).map(|_| char::from(b' ' + self.u8() % 95)).collect();
        if self.chance() {
            alias.push_str("网桥é");
        }
        alias
    }
}
