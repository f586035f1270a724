from core.images.naming import class_of_flat, class_of_path


def test_a_repeated_stem_names_the_class() -> None:
    names = ["abra001.jpg", "abra002.png", "mew1.jpg", "mew_2.jpg", "cat (1).jpg", "cat (2).jpg"]
    assert class_of_flat(names) == {
        "abra001.jpg": "abra",
        "abra002.png": "abra",
        "mew1.jpg": "mew",
        "mew_2.jpg": "mew",
        "cat (1).jpg": "cat",
        "cat (2).jpg": "cat",
    }


def test_what_does_not_repeat_or_has_no_name_is_left_to_the_folder() -> None:
    assert class_of_flat(["abra001.jpg", "mew1.jpg", "001.jpg", "002.jpg", "plain.jpg", "plain.png"]) == {}


def test_one_spelling_for_a_class() -> None:
    assert set(class_of_flat(["abra2.jpg", "Abra1.jpg"]).values()) == {"Abra"}


def test_folders_before_names() -> None:
    flat = {"abra001.jpg": "abra"}
    assert class_of_path("mew/abra001.jpg", flat, folder="images") == "mew"
    assert class_of_path("mew/old/abra001.jpg", flat, folder="images") == "mew"
    assert class_of_path("abra001.jpg", flat, folder="images") == "abra"
    assert class_of_path("other.jpg", flat, folder="images") == "images"
