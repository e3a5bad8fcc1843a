//! The part of Go's templates that `--format` is used for: `{{.State.Status}}`, `{{json .Mounts}}`, and text between them.

use serde_json::Value;

/// Fills a template with what it names of `value`; says what is wrong with it.
pub fn fill(template: &str, value: &Value) -> Result<String, String> {
    let (mut text, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let (action, after) = after.split_once("}}").ok_or("text in which each '{{' has its '}}'")?;
        text.push_str(&evaluate(action.trim(), value)?);
        rest = after;
    }
    Ok(unescaped(&(text + rest)))
}

fn evaluate(action: &str, value: &Value) -> Result<String, String> {
    let (path, as_json) = match action.strip_prefix("json ") {
        Some(path) => (path.trim(), true),
        None => (action, false),
    };
    let names = path.strip_prefix('.').ok_or("made of '{{.Key.Key}}' and '{{json .Key}}' only")?;
    let mut found = value;
    for name in names.split('.').filter(|name| !name.is_empty()) {
        found = found.get(name).ok_or_else(|| format!("of keys that there are, which {name} is not"))?;
    }
    Ok(match found {
        found if as_json => found.to_string(),
        Value::String(text) => text.clone(),
        Value::Null => "<no value>".to_owned(),
        found => found.to_string(),
    })
}

/// What a shell passes on as it is.
fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_looked_up() {
        let value = json!({ "State": { "Status": "running", "Pid": 7 }, "Args": ["a"], "None": null });
        let fill = |template| fill(template, &value);
        assert_eq!(fill("{{.State.Status}} {{ .State.Pid }}"), Ok("running 7".to_owned()));
        assert_eq!(fill("{{json .Args}}"), Ok("[\"a\"]".to_owned()));
        assert_eq!(fill("plain\\t{{.None}}"), Ok("plain\t<no value>".to_owned()));
        for bad in ["{{.Nope}}", "{{.State", "{{range .Args}}"] {
            assert!(fill(bad).is_err(), "{bad}");
        }
    }
}
