#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use alloc::vec::Vec;

use super::*;
use crate::message::{Messages, NLMSG_ERROR};
use crate::netfilter::{NFPROTO_IPV4, table};

fn changes() -> Vec<Request> {
    ["a", "bcdef", "c"].into_iter().map(|name| table::new(NFPROTO_IPV4, name)).collect()
}

fn answer(sequence: u32, errno: i32) -> Vec<u8> {
    let mut body = (-errno).to_ne_bytes().to_vec();
    body.extend_from_slice(&[0; 16]);
    Request::new(NLMSG_ERROR, 0, &body).to_bytes(sequence).unwrap()
}

/// What is refused, and after how many answers there is no need to read on.
fn hear(answers: &[(u32, i32)]) -> (Vec<(Place, i32)>, Option<usize>) {
    let batch = Batch::new(&changes(), u32::MAX, None).unwrap();
    let mut outcome = Outcome::default();
    let enough = answers.iter().position(|(number, errno)| {
        let bytes = answer(u32::MAX.wrapping_add(*number), *errno);
        outcome.take(&batch, &Messages::new(&bytes).next().unwrap())
    });
    (outcome.refused.iter().map(|(place, ack)| (*place, ack.errno)).collect(), enough)
}

#[test]
fn changes_stand_between_a_beginning_and_an_end() {
    let batch = Batch::new(&changes(), u32::MAX, None).unwrap();
    let messages: Vec<Message<'_>> = Messages::new(batch.bytes()).collect();
    assert_eq!(messages.iter().map(|m| m.kind).collect::<Vec<_>>(), [16, 0xa00, 0xa00, 0xa00, 17]);
    assert_eq!(messages.iter().map(|m| m.sequence).collect::<Vec<_>>(), [u32::MAX, 0, 1, 2, 3]);
    assert_eq!(messages.iter().map(|m| m.flags).collect::<Vec<_>>(), [1, 1, 1, 1 | NLM_F_ACK, 1]);
    assert_eq!(messages[0].payload, [0, 0, 0, 10]);
    assert_eq!(batch.last_sequence(), 3);
}

#[test]
fn a_generation_stands_at_the_beginning() {
    let batch = Batch::new(&changes(), 1, Some(0x0102_0304)).unwrap();
    assert_eq!(Messages::new(batch.bytes()).next().unwrap().payload[8..], [1, 2, 3, 4]);
}

#[test]
fn nothing_to_change_is_no_batch() {
    assert_eq!(Batch::new(&[], 1, None), None);
    let mut long = changes();
    long[1].attrs().bytes(9, &alloc::vec![0; 65_532]);
    assert_eq!(Batch::new(&long, 1, None), None);
}

#[test]
fn each_message_can_be_found_again() {
    let batch = Batch::new(&changes(), u32::MAX, None).unwrap();
    assert_eq!(bytes::u16_at(batch.message(Place::Begin), 4), NFNL_MSG_BATCH_BEGIN);
    assert_eq!(batch.message(Place::Change(1)), changes()[1].to_bytes(1).unwrap());
    assert_eq!(batch.message(Place::Change(2)).len(), changes()[2].to_bytes(2).unwrap().len());
    assert_eq!(batch.message(Place::Change(4)), []);
    assert_eq!(batch.message(Place::Change(usize::MAX - 1)), []);
}

#[test]
fn the_last_change_is_acknowledged() {
    assert_eq!(hear(&[(3, 0)]), (Vec::new(), Some(0)));
}

#[test]
fn refusals_are_placed() {
    let (one, three) = (Place::Change(0), Place::Change(2));
    assert_eq!(hear(&[(1, 17), (3, 0)]), ([(one, 17)].into(), Some(1)));
    assert_eq!(hear(&[(1, 17), (3, 2)]), ([(one, 17), (three, 2)].into(), Some(1)));
}

#[test]
fn a_batch_may_be_refused_as_a_whole() {
    assert_eq!(hear(&[(0, 1)]), ([(Place::Begin, 1)].into(), Some(0)));
    // An error of the commit comes before what is known of the changes.
    assert_eq!(hear(&[(0, 12), (3, 0)]), ([(Place::Begin, 12)].into(), Some(0)));
}

#[test]
fn acknowledgements_that_were_not_asked_for_and_other_answers_do_not_count() {
    assert_eq!(hear(&[(0, 0), (1, 0), (4, 0), (5, 1), (u32::MAX - 7, 1)]), (Vec::new(), None));
}
