use std::process::Command;

fn main() {
    Command::new("sh").arg("x.sh").status().unwrap();
}
