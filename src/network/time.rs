//! Points in time as Docker writes them: RFC 3339, UTC, nanoseconds without trailing zeros.

use crate::prelude::*;
use crate::sys::clock;

const DAY: i64 = 86_400;

/// Now.
#[must_use]
pub fn now() -> Text {
    let (seconds, nanoseconds) = clock::now();
    format(seconds, nanoseconds)
}

/// Seconds since 1970 as text.
#[must_use]
pub fn format(seconds: i64, nanoseconds: u32) -> Text {
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let rest = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if nanoseconds > 0 {
        text.push_str(text!(".{nanoseconds:09}"));
        text.truncate(len_without(&text, b'0'));
    }
    text.push('Z');
    text.keep()
}

/// The second that text such as `2026-11-24T06:37:23.5Z` names; an offset (`+01:00`) is heeded, a fraction is cut.
#[must_use]
pub fn parse(text: Text) -> Option<i64> {
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _, ..] = text.as_bytes() else {
        return None;
    };
    let mut numbers = [0; 6];
    for (number, (start, len)) in numbers.iter_mut().zip(&NUMBERS) {
        *number = self::number(text, *start, *len)?;
    }
    let [year, month, day, hour, minute, second] = numbers;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let rest = text.get(19..)?;
    let zone = rest.get(rest.bytes().take_while(|b| *b == b'.' || b.is_ascii_digit()).count()..)?;
    let offset = match zone.as_bytes() {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), ..] => {
            let minutes = number(zone, 1, 2)? * 60 + number(zone, 4, 2)?;
            if *sign == b'+' { minutes * 60 } else { -minutes * 60 }
        }
        _ => return None,
    };
    Some((first_of(year, month) + day - 1) * DAY + hour * 3600 + minute * 60 + second - offset)
}

/// Where each number of a point in time stands, and how long it is.
static NUMBERS: [(u8, u8); 6] = [(0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2)];

/// The number of `len` digits from `start` on.
fn number(text: Text, start: u8, len: u8) -> Option<i64> {
    text.get(start.into()..(start + len).into())?.parse().ok()
}

/// Year, month and day of a day counted from 1970-01-01.
fn date(day: i64) -> (i64, i64, i64) {
    // Not behind the day's own year, and a few before it at most.
    let mut year = 1969 + day / 366;
    while first_of(year + 1, 1) <= day {
        year += 1;
    }
    let mut month = 1;
    while first_of(year, month + 1) <= day {
        month += 1;
    }
    (year, month, day - first_of(year, month) + 1)
}

/// The first day of a month, counted from 1970-01-01, in the proleptic Gregorian calendar. Month 13 is the next year's first.
///
/// Years are counted from the first of March, so that the day a leap year adds is the last of its year.
fn first_of(year: i64, month: i64) -> i64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_102_444_800, "2100-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(format(seconds, 0), text);
            assert_eq!(parse(text), Some(seconds));
        }
        assert_eq!(format(0, 575_956_600), "1970-01-01T00:00:00.5759566Z");
        assert_eq!(parse("2017-12-15T21:29:20.582306587+08:00"), parse("2017-12-15T13:29:20Z"));
        for bad in ["", "now", "2017-12-15", "2017-13-15T00:00:00Z", "2017-12-15T00:00:00", "2017-12-15 00:00:00Z"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
