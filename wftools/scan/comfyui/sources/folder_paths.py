"""Where files are: folders by the names of their kinds, and lists of files of which only the kind is known.

`_machine` says what ComfyUI starts with: `base_path`, `kinds` (name -> folders, suffixes), `listed(kind, suffixes)`
(texts that stand for all files of a kind), `is_of_pack(path)`.
"""

import os

from _machine import base_path, content_of, is_of_pack, kinds, listed, model_suffixes

supported_pt_extensions = set(model_suffixes)
models_dir = os.path.join(base_path, "models")
input_directory = os.path.join(base_path, "input")
output_directory = os.path.join(base_path, "output")
temp_directory = os.path.join(base_path, "temp")
user_directory = os.path.join(base_path, "user")

folder_names_and_paths = {
    kind: ([os.path.join(models_dir, folder) for folder in folders], set(suffixes))
    for kind, (folders, suffixes) in kinds.items()
}
folder_names_and_paths["custom_nodes"] = ([os.path.join(base_path, "custom_nodes")], set())

filename_list_cache = {}
extension_mimetypes_cache = {"webp": "image", "fbx": "model"}


def map_legacy(folder_name):
    """Today's name of a kind."""
    return {"unet": "diffusion_models", "clip": "text_encoders"}.get(folder_name, folder_name)


def add_model_folder_path(folder_name, full_folder_path, is_default=False):
    """Look for files of a kind in one more folder."""
    folder_name = map_legacy(folder_name)
    if folder_name not in folder_names_and_paths:
        folder_names_and_paths[folder_name] = ([full_folder_path], set())
        return
    paths = folder_names_and_paths[folder_name][0]
    if full_folder_path in paths:
        if not is_default:
            return
        paths.remove(full_folder_path)
    if is_default:
        paths.insert(0, full_folder_path)
    else:
        paths.append(full_folder_path)


def get_folder_paths(folder_name):
    """The folders of a kind."""
    return list(folder_names_and_paths[map_legacy(folder_name)][0])


def recursive_search(directory, excluded_dir_names=None):
    """The files below a folder, by their paths from there, and the times of folders."""
    found = []
    for root, _folders, files in os.walk(directory, followlinks=True):
        for name in files:
            found.append(os.path.relpath(os.path.join(root, name), directory))
    return found, {}


def filter_files_extensions(files, extensions):
    """The files with one of these suffixes, or all if there are none."""
    return sorted([file for file in files if not extensions or os.path.splitext(file)[-1].lower() in extensions])


def get_filename_list(folder_name):
    """The files of a kind: those that a pack brings itself, and what stands for all others."""
    folder_name = map_legacy(folder_name)
    paths, suffixes = folder_names_and_paths.get(folder_name, ([], set()))
    own = []
    is_all_own = bool(paths)
    for path in paths:
        if is_of_pack(path):
            own += filter_files_extensions(recursive_search(path)[0], suffixes)
        else:
            is_all_own = False
    return own if own and is_all_own else own + listed(folder_name, suffixes)


def get_filename_list_(folder_name):
    """The same, and what it was made of."""
    return get_filename_list(folder_name), {}, 0.0


def cached_filename_list_(folder_name):
    """What is remembered of a list: nothing."""
    return


def get_full_path(folder_name, filename):
    """Where a file is."""
    paths = folder_names_and_paths.get(map_legacy(folder_name), ([], set()))[0]
    return os.path.join(paths[0], filename) if paths else None


get_full_path_or_raise = get_full_path


def get_input_directory():
    """The folder of inputs."""
    return input_directory


def get_input_subfolders():
    """The folders in the folder of inputs."""
    return sorted([name for name in os.listdir(input_directory) if os.path.isdir(os.path.join(input_directory, name))])


def get_output_directory():
    """The folder of results."""
    return output_directory


def get_temp_directory():
    """The folder of previews."""
    return temp_directory


def get_user_directory():
    """The folder of settings."""
    return user_directory


def get_system_user_directory(name="system"):
    """The folder of a system's settings."""
    return os.path.join(user_directory, f"__{name}")


def get_public_user_directory(user_id):
    """The folder of a user's settings."""
    return os.path.join(user_directory, user_id)


def get_directory_by_type(type_name):
    """The folder called input, output or temp."""
    return {"output": output_directory, "temp": temp_directory, "input": input_directory}.get(type_name)


def filter_files_content_types(files, content_types):
    """The files that are pictures, sounds, videos or 3-D models, by their suffixes."""
    found = []
    for file in files:
        suffix = file.split(".")[-1]
        kind = extension_mimetypes_cache.get(suffix)
        if kind is None:
            kind = content_of(file)
        if kind in content_types:
            found.append(file)
    return found


def annotated_filepath(name):
    """A name without its ` [output]`, and the folder that this says."""
    for area in ("output", "input", "temp"):
        if name.endswith(f"[{area}]"):
            return name[: -len(area) - 3], get_directory_by_type(area)
    return name, None


def get_annotated_filepath(name, default_dir=None):
    """The path that `a.png [output]` names."""
    name, folder = annotated_filepath(name)
    return os.path.join(folder or default_dir or input_directory, name)


def set_output_directory(path):
    """Put results elsewhere."""
    global output_directory
    output_directory = path


def set_temp_directory(path):
    """Put previews elsewhere."""
    global temp_directory
    temp_directory = path


def set_input_directory(path):
    """Read inputs elsewhere."""
    global input_directory
    input_directory = path
