"""Model files made from model files: a plan says what becomes of each tensor, and is then carried out piece by piece.

plan.py        Planned, Plan: what stands in the new file, and why
asking.py      planned(file, out, wanted): the plans that answer what is asked of `wftools model convert`
selecting.py   some of a file's tensors: pruned, averaged, its networks one by one
layouts.py     how they are called: in one file, in the folders of diffusers, alone
types.py       which type each gets, and what is kept
scaling.py     eight bits with a scale, as ComfyUI reads them
views.py       files as conversions see them
numbers.py     what the tensors of a file mean, whatever they are stored as
carrying.py    carry_out(plan, out): the file, and what each tensor of it cost
folder.py      carry_out_folder(plans, others, out): a folder of such files
telling.py     a conversion in lines, for a terminal
"""
