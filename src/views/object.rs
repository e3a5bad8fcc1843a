//! JSON objects in lists and in objects, each written where it stands.

use crate::json::{Entries, Json};
use crate::prelude::*;

/// An object of the entries that `fill` writes.
#[inline(never)]
pub fn object(fill: &mut dyn FnMut(&mut Entries)) -> Json {
    Json::object_of(fill)
}

/// One more object in a list.
#[inline(never)]
pub fn append(list: &mut Vec<Json>, fill: &mut dyn FnMut(&mut Entries)) {
    list.push(object(fill));
}

/// An object in an object.
#[inline(never)]
pub fn nest(json: &mut Entries, key: Text, fill: &mut dyn FnMut(&mut Entries)) {
    json.put(key, object(fill));
}

/// A text, or null.
#[inline(never)]
pub fn text(json: &mut Entries, key: Text, text: Option<Text>) {
    json.put(key, text.map_or(Json::Null, Json::Text));
}

/// A number, or null.
#[inline(never)]
pub fn number(json: &mut Entries, key: Text, number: Option<u32>) {
    json.put(key, number.map_or(Json::Null, Json::from));
}

/// A truth value, or null.
#[inline(never)]
pub fn truth(json: &mut Entries, key: Text, value: Option<bool>) {
    json.put(key, value.map_or(Json::Null, Json::Bool));
}

/// Null.
#[inline(never)]
pub fn null(json: &mut Entries, key: Text) {
    json.put(key, Json::Null);
}
